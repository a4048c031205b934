import { compile, type CompiledQuestion } from './compiler.js'
import { readQuestion } from './question-reader.js'

const MAX_QUESTIONS = 2_000
export const MAX_KEY_LENGTH = 4_096

/**
 * Reads and compiles what dashboards ask again and again only once: it depends on nothing but the body, the catalog and,
 * where a range is told from today, the day. What was not asked for longest goes first.
 */
export class CompiledQuestions {
  private readonly known = new Map<string, CompiledQuestion>()

  /** Throws ValidationError (400) with everything that is wrong with the body. */
  of(body: unknown): CompiledQuestion {
    const key = keyOf(body)
    const known = key ? this.known.get(key) : undefined
    const question = known && isValid(known) ? known : compile(readQuestion(body))
    if (key) this.keep(key, question)
    return question
  }

  private keep(key: string, question: CompiledQuestion): void {
    // Deleting first moves it to the end of the map.
    this.known.delete(key)
    this.known.set(key, question)
    if (this.known.size > MAX_QUESTIONS) this.known.delete(this.known.keys().next().value!)
  }
}

function isValid({ validUntil = Infinity }: CompiledQuestion): boolean {
  return Date.now() < validUntil
}

/** The body's text, unless it is too long, or has a null: numbers that are too large (1e999) become one as text. */
export function keyOf(body: unknown): string | undefined {
  const text = JSON.stringify(body) as string | undefined
  return text && text.length <= MAX_KEY_LENGTH && !text.includes('null') ? text : undefined
}
