import type { ClickHouseSettings } from '@clickhouse/client'
import type { Config } from '../../config/config.js'

/** The most that one JSON response may be; exports have no such limit. */
const MAX_JSON_BYTES = 128 * 1024 * 1024

/**
 * Room for the statement of any query: the longest, four compared ranges with everything that a
 * query can have in each, has 1.4 MB. What is too much work meets the limits of time and memory.
 */
export const MAX_STATEMENT_BYTES = 4 * 1024 * 1024
const MAX_STATEMENT_ELEMENTS = 500_000

/**
 * The limits of every statement of a query, and how its values are written. `readonly` is the last of several defences:
 * no text of a query reaches a statement, yet if one did, it could not write. It also lets ClickHouse stop the work of
 * a client that went away.
 */
function statementSettings(config: Config): ClickHouseSettings {
  return {
    readonly: '1',
    cancel_http_readonly_queries_on_client_close: 1,
    max_execution_time: config.queryTimeoutSeconds,
    max_memory_usage: String(config.queryMaxMemoryBytes),
    max_rows_to_read: String(config.queryMaxRowsToRead),
    // ClickHouse refuses longer statements by default, and the response would be a 500.
    max_query_size: String(MAX_STATEMENT_BYTES),
    max_ast_elements: String(MAX_STATEMENT_ELEMENTS),
    max_expanded_ast_elements: String(MAX_STATEMENT_ELEMENTS),
    // Timestamps as in the rest of the API: 2026-01-15T09:30:00.000Z.
    date_time_output_format: 'iso',
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_decimals: 0,
    output_format_json_escape_forward_slashes: 0,
  }
}

export function bufferedResultSettings(config: Config): ClickHouseSettings {
  return {
    ...statementSettings(config),
    max_result_bytes: String(MAX_JSON_BYTES),
  }
}

/**
 * An export may sort or group more than the memory of a query holds: from half of it on ClickHouse uses its disk.
 *
 * @param columns how many it has
 */
export function exportSettings(config: Config, columns: number): ClickHouseSettings {
  const spillBytes = String(Math.floor(config.queryMaxMemoryBytes / 2))
  return {
    ...statementSettings(config),
    // An export takes as long as its reader does: ClickHouse's silence is limited instead (StreamedResult).
    max_execution_time: 0,
    // An empty cell, which is what a file may have for "not set" on its way in. Alone it would be a blank line, which
    // readers skip.
    format_csv_null_representation: columns === 1 ? '""' : '',
    max_bytes_before_external_sort: spillBytes,
    max_bytes_before_external_group_by: spillBytes,
    // Readers in JavaScript come without ClickHouse's default, LZ4.
    output_format_arrow_compression_method: 'none',
  }
}
