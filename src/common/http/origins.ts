/** `https://a.example, http://localhost:3000` as a list. */
export function originsOf(list: string): string[] {
  return list
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
}

/** What is wrong with a list of origins: they are compared with what browsers send, letter by letter. */
export function problemOfOrigins(list: unknown): string | undefined {
  const wrong = typeof list === 'string' ? originsOf(list).find((origin) => !isOrigin(origin)) : ''
  if (wrong === undefined) return undefined
  const form =
    'must be a list of origins with commas between them, each a scheme, a host and a port that is not the usual one'
  const meant = URL.canParse(wrong) ? new URL(wrong).origin : ''
  const example = isOrigin(meant) ? meant : 'https://app.example.com'
  return `${form}: ${example}, not ${JSON.stringify(wrong)}`
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && !text.includes('*') && URL.canParse(text) && new URL(text).origin === text
}
