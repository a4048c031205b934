import { newId } from '../../common/new-id.js'

/** What differs from one response with a result to the next. */
export interface ResponseFacts {
  id: string
  elapsedMs: number
  charged: number
  remaining: number
}

/** The text of a response in five parts; what differs goes between them, in this order. */
export type ResponseTemplate = readonly [
  beforeId: string,
  beforeElapsedMs: string,
  beforeCharged: string,
  beforeRemaining: string,
  end: string,
]

/** Placeholders where a response differs while its template is made; nothing else in a response looks like them. */
const ID = newId()
const ELAPSED_MS = 8_234_567_890_123
const CHARGED = 6_456_789_012_345
const REMAINING = 7_345_678_901_234
const PLACEHOLDERS = [ID, String(ELAPSED_MS), String(CHARGED), String(REMAINING)]
const FIELDS = [`"id":"${ID}`, `"elapsedMs":${ELAPSED_MS}`, `"charged":${CHARGED}`, `"remaining":${REMAINING}`]

/**
 * The template of the response that `assemble` makes: it is made once with placeholders, and cut at them. Text and not bytes,
 * because Node sends a text in one piece with the headers. Undefined when they are not where they belong.
 */
export function templateOf(assemble: (facts: ResponseFacts) => Buffer): ResponseTemplate | undefined {
  const facts = { id: ID, elapsedMs: ELAPSED_MS, charged: CHARGED, remaining: REMAINING }
  const text = assemble(facts).toString()
  // From the end: the data come first, and are not ours.
  const ends = FIELDS.map((field) => text.lastIndexOf(field) + field.length)
  const starts = PLACEHOLDERS.map((placeholder, n) => ends[n]! - placeholder.length)
  const isOrdered = starts.every((start, n) => n === 0 || ends[n - 1]! < start)
  if (!isOrdered || !FIELDS.every((field) => text.includes(field))) return undefined
  return [0, ...ends].map((end, n) => text.slice(end, starts[n])) as unknown as ResponseTemplate
}

/** The text of the response. */
export function filled(template: ResponseTemplate, { id, elapsedMs, charged, remaining }: ResponseFacts): string {
  const elapsed = Math.round(elapsedMs * 1000) / 1000
  return template[0] + id + template[1] + elapsed + template[2] + charged + template[3] + remaining + template[4]
}
