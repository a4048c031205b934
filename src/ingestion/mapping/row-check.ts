/** One way in which a row can be wrong. */
export interface RowCheck {
  /** dataset column that is at fault */
  column: string
  /** true for the bad row; SQL over the aliases of the program */
  condition: string
  /** the reason in words; `{value}` stands for the offending text */
  message: string
}

/** Name of the raw table's column for a field of the file, counted from 0. */
export function fieldColumn(field: number): string {
  return `f${field}`
}
