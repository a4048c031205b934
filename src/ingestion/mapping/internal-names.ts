/**
 * Names within the row transform. All begin with `_`, which no declared column does, so that no column of a dataset,
 * whatever it is called, can be taken for one of them.
 */

/** Name of the raw table's column for a field of the file, counted from 0. */
export function fieldColumn(field: number): string {
  return `_f${field}`
}

/** The column's text: without the blanks around it but for text columns, '' for no value. */
export function textName(member: string): string {
  return `_text_${member}`
}

/** The column's typed value; NULL: empty or bad. */
export function valueName(member: string): string {
  return `_value_${member}`
}

/** The value as far as ClickHouse's own readers make one of the text. */
export function readName(member: string): string {
  return `_read_${member}`
}

/** One step of the way to a column's value. */
export function stepName(step: string, member: string): string {
  return `_${step}_${member}`
}
