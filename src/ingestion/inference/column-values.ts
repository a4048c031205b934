/** What stands in one column of a sample. */
export interface ColumnValues {
  /** position in the file's header */
  field: number
  header: string
  rows: number
  /** records without a value: nothing, or blanks */
  empty: number
  /** the values without blanks around them, and how often each stands there, in the order of their first appearance */
  counts: ReadonlyMap<string, number>
  /** numbers by the format itself (JSON, Parquet), so that no file option says how they are written */
  isNumeric: boolean
  /** doubles by the format itself (Parquet) */
  isDouble: boolean
  /** values longer than the sample keeps whole */
  longest: number
}

/** The values that are no null words, with how often each stands there. */
export interface TypedValues {
  values: [value: string, count: number][]
  total: number
}

/** Counts the values of a column. */
export function columnValues(
  field: number,
  header: string,
  texts: string[],
  kinds: Pick<ColumnValues, 'isNumeric' | 'isDouble'> = { isNumeric: false, isDouble: false },
): ColumnValues {
  const counts = new Map<string, number>()
  let empty = 0
  let longest = 0
  for (const text of texts) {
    const value = trimmed(text)
    if (value === '') {
      empty++
      continue
    }
    if (value.length > longest) longest = value.length
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return { field, header, rows: texts.length, empty, counts, longest, ...kinds }
}

export function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** What may stand around a number or a date. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

/** All values but these. */
export function valuesWithout({ counts }: ColumnValues, words: ReadonlySet<string>): TypedValues {
  const values = [...counts].filter(([value]) => !words.has(value))
  return { values, total: values.reduce((sum, [, count]) => sum + count, 0) }
}

/** Values in the order of their first appearance, shortened for people. */
export function examplesOf(values: Iterable<string>, count = 5): string[] {
  const examples: string[] = []
  for (const value of values) {
    if (examples.length === count) break
    examples.push(value.length > 100 ? `${value.slice(0, 99)}…` : value)
  }
  return examples
}

/** `"a", "b" and 3 more` */
export function listed(values: string[], shown = 3): string {
  const names = examplesOf(values, shown).map((value) => `"${value}"`)
  return values.length > shown ? `${names.join(', ')} and ${values.length - shown} more` : names.join(', ')
}
