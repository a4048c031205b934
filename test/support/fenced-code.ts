import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const FENCE = /^```(\w+)\n(.*?)^```$/gms

/** The code blocks of a document in one of these languages, in their order and as they stand. */
export function fencedCode(document: string, ...languages: string[]): { language: string; code: string }[] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return [...text.matchAll(FENCE)]
    .map(([, language, code]) => ({ language: language!, code: code! }))
    .filter(({ language }) => languages.includes(language))
}
