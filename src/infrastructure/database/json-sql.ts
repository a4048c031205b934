import type { RawJson } from '../../common/decorators/raw-json-response.decorator.js'
import type { Pagination, PageQuery } from '../../common/pagination.dto.js'

/** The SQL of a JSON object with these fields. */
export function jsonObject(fields: Record<string, string>): string {
  return `json_build_object(${Object.entries(fields)
    .map(([field, sql]) => `'${field}', ${sql}`)
    .join(', ')})`
}

/** A timestamptz as ISO-8601 in UTC. */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** A page whose rows are JSON already. */
export function pageText(data: RawJson, { limit, offset }: PageQuery, total: number): RawJson {
  const pagination: Pagination = { limit, offset, total }
  return `{"data":${data},"pagination":${JSON.stringify(pagination)}}`
}
