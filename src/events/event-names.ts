/** More are not remembered at a time: somebody makes them up. */
const MAX_NAMES = 10_000

/**
 * JSON texts of the names that were found fine. Sources, types and keys are few and come with every event, so each is
 * checked and written once.
 */
export class CheckedNames<Problem> {
  private readonly texts = new Map<string, string>()

  constructor(private readonly problemOf: (name: string) => Problem | undefined) {}

  textOf(name: string): string | Problem {
    return this.texts.get(name) ?? this.check(name)
  }

  private check(name: string): string | Problem {
    const problem = this.problemOf(name)
    if (problem !== undefined) return problem
    if (this.texts.size >= MAX_NAMES) this.texts.clear()
    const text = JSON.stringify(name)
    this.texts.set(name, text)
    return text
  }
}
