/** Names are the same for the server when they are so without case, spaces, `_` and `-`. */
export function comparable(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}

/** The header that the server would take for a column that no mapping names; undefined for none or several. */
export function headerByName(column: string, headers: readonly string[]): string | undefined {
  const same = headers.filter((header) => comparable(header) === comparable(column))
  return same.length === 1 ? same[0] : undefined
}

/** Those that can be named in a mapping: a name that stands there twice says nothing. */
export function nameable(headers: readonly string[]): string[] {
  return headers.filter((header) => header !== '' && headers.indexOf(header) === headers.lastIndexOf(header))
}
