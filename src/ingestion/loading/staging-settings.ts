import type { ClickHouseSettings } from '@clickhouse/client'

/** The rules of 200 columns are more than ClickHouse takes from people. */
export const PLAN_SETTINGS: ClickHouseSettings = {
  max_query_size: String(16 * 1024 ** 2),
  max_ast_elements: '1000000',
  max_expanded_ast_elements: '10000000',
}

/** Of the insert of a chunk. */
export const INSERT_SETTINGS: ClickHouseSettings = {
  max_expanded_ast_elements: PLAN_SETTINGS.max_expanded_ast_elements,
  input_format_null_as_default: 0,
  input_format_allow_errors_num: '0',
  async_insert: 0,
  // Chunks in flight keep the cores busy; cutting each of them up again costs a tenth of the insert.
  input_format_parallel_parsing: 0,
  // Rows with one key inside a chunk are told apart when they are read, as those of different chunks are: a fifth less
  // work for the insert.
  optimize_on_insert: 0,
}
