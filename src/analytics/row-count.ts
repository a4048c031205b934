const NEWLINE = 0x0a
const OPENING_BRACE = 0x7b

/**
 * Rows in the engine's `[\n{...},\n{...}\n]`. Newlines inside texts are escaped in JSON, so every newline byte but the
 * first ends a row; an array without rows has two of them and no brace.
 */
export function countRows(data: Buffer): number {
  if (data.indexOf(OPENING_BRACE) < 0) return 0
  let newlines = 0
  for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, at + 1)) newlines++
  return newlines - (data.at(-1) === NEWLINE ? 2 : 1)
}
