import type { Question } from '../question'

/** A line for a terminal that asks the question. The key stays out of it. */
export function commandOf(question: Question): string {
  const body = JSON.stringify(question, null, 2).replaceAll("'", `'\\''`)
  return `curl -H "x-api-key: $KEY" ${window.location.origin}/v1/query --json '${body}'`
}
