/** The LIKE pattern of texts that contain this one; its own wildcards are literal. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}
