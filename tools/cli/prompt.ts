import { createInterface } from 'node:readline/promises'
import { UsageError } from './usage-error.js'

const INTERRUPTED = 130

/** Throws UsageError, with what to do instead, where nobody can be asked. */
export function ensureTerminal(instead: string): void {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`there is no terminal to ask on: ${instead}`)
}

/** What is typed in answer; nothing at the end of the input. Ctrl-C ends the command. */
export async function prompt(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new AbortController()
  lines.on('close', () => closed.abort())
  lines.on('SIGINT', () => {
    lines.close()
    process.stderr.write('\n')
    process.exit(INTERRUPTED)
  })
  try {
    return (await lines.question(question, { signal: closed.signal })).trim()
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    process.stderr.write('\n')
    return ''
  } finally {
    lines.close()
  }
}

/** Whether the answer is yes; everything else is no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(`${question} [y/N] `))
}
