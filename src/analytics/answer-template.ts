import { newId } from '../common/new-id.js'

/** What differs from one giving of an answer to the next. */
export interface Giving {
  id: string
  elapsedMs: number
  charged: number
  remaining: number
}

/** The text of an answer in four parts; what differs goes between them, in this order. */
export type AnswerTemplate = readonly [beforeId: string, beforeElapsedMs: string, beforeRemaining: string, end: string]

/** Stand where an answer differs while its template is made; nothing else in an answer looks like them. */
const ID = newId()
const ELAPSED_MS = 8_234_567_890_123
const REMAINING = 7_345_678_901_234
const PLACES = [`"id":"${ID}`, `"elapsedMs":${ELAPSED_MS}`, `"remaining":${REMAINING}`]

/**
 * The template of the answer that `assemble` makes: it is made once with marks, and cut at them. Its text is the answer's
 * bytes, each as one character (latin1), so that nothing has to be encoded when it is sent. Undefined when the marks are
 * not where they belong.
 */
export function templateOf(assemble: (giving: Giving) => Buffer, charged: number): AnswerTemplate | undefined {
  const text = assemble({ id: ID, elapsedMs: ELAPSED_MS, charged, remaining: REMAINING }).toString('latin1')
  // From the end: the data come first, and are not ours.
  const ends = PLACES.map((place) => text.lastIndexOf(place) + place.length)
  const starts = [ID, String(ELAPSED_MS), String(REMAINING)].map((mark, n) => ends[n]! - mark.length)
  const found = PLACES.every((place) => text.includes(place)) && ends[0]! < starts[1]! && ends[1]! < starts[2]!
  if (!found) return undefined
  return [text.slice(0, starts[0]), text.slice(ends[0], starts[1]), text.slice(ends[1], starts[2]), text.slice(ends[2])]
}

/** The bytes of the answer as latin1. */
export function filled(template: AnswerTemplate, { id, elapsedMs, remaining }: Omit<Giving, 'charged'>): string {
  return template[0] + id + template[1] + Math.round(elapsedMs * 1000) / 1000 + template[2] + remaining + template[3]
}
