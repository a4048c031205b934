/**
 * The place behind the string of valid JSON that begins at `at`. By hand, because an expression for whole strings overflows
 * the stack on long ones, and looks at some again and again.
 */
export function endOfString(json: string, at: number): number {
  let end = json.indexOf('"', at + 1)
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end + 1
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}
