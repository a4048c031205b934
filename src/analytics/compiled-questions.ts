import { compile, type CompiledQuestion } from './compiler.js'
import { readQuestion } from './question-reader.js'

const MAX_QUESTIONS = 2_000
const MAX_KEY_LENGTH = 4_096

/**
 * Reads and compiles what dashboards ask again and again only once: it depends on nothing but the body and the catalog.
 * What was not asked for longest goes first.
 */
export class CompiledQuestions {
  private readonly known = new Map<string, CompiledQuestion>()

  /** Throws ValidationError (400) with everything that is wrong with the body. */
  of(body: unknown): CompiledQuestion {
    const key = JSON.stringify(body)
    const question = this.known.get(key) ?? compile(readQuestion(body))
    if (key.length <= MAX_KEY_LENGTH) this.keep(key, question)
    return question
  }

  private keep(key: string, question: CompiledQuestion): void {
    // Deleting first moves it to the end of the map.
    this.known.delete(key)
    this.known.set(key, question)
    if (this.known.size > MAX_QUESTIONS) this.known.delete(this.known.keys().next().value!)
  }
}
