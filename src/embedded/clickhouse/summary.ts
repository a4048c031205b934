/** What the X-ClickHouse-Summary header tells: counts as text, as a server writes them. */
export interface QueryCounts {
  readRows?: number
  readBytes?: number
  writtenRows?: number
  writtenBytes?: number
  resultRows?: number
  resultBytes?: number
  elapsedSeconds: number
}

export function summaryHeader(counts: QueryCounts): string {
  return JSON.stringify({
    read_rows: String(counts.readRows ?? 0),
    read_bytes: String(counts.readBytes ?? 0),
    written_rows: String(counts.writtenRows ?? 0),
    written_bytes: String(counts.writtenBytes ?? 0),
    total_rows_to_read: '0',
    result_rows: String(counts.resultRows ?? 0),
    result_bytes: String(counts.resultBytes ?? 0),
    elapsed_ns: String(Math.round(counts.elapsedSeconds * 1e9)),
  })
}
