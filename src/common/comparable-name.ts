/** Names of headers and columns are the same when they are without case, spaces, `_` and `-`. */
export function comparable(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}
