import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { note } from './output/messages.js'
import { UsageError } from './usage-error.js'

const INTERRUPTED = 130

/** Throws UsageError, with what to do instead, where nobody can be asked. */
export function ensureTerminal(instead: string): void {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`there is no terminal to ask on: ${instead}`)
}

/** What is typed in answer; nothing at the end of the input. Ctrl-C ends the command. */
export function prompt(question: string): Promise<string> {
  return ask(createInterface({ input: process.stdin, output: process.stderr }), question)
}

/** The same without showing what is typed. */
export async function promptSecret(question: string): Promise<string> {
  process.stderr.write(question)
  const output = new Writable({ write: (_text, _encoding, done) => done() })
  const secret = await ask(createInterface({ input: process.stdin, output, terminal: true }), '')
  process.stderr.write('\n')
  return secret
}

async function ask(lines: Interface, question: string): Promise<string> {
  const closed = new AbortController()
  lines.on('close', () => closed.abort())
  const stop = (): void => {
    lines.close()
    note('\nStopped. Nothing was changed.')
    process.exit(INTERRUPTED)
  }
  lines.on('SIGINT', stop)
  process.on('SIGINT', stop)
  try {
    return (await lines.question(question, { signal: closed.signal })).trim()
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    process.stderr.write('\n')
    return ''
  } finally {
    process.off('SIGINT', stop)
    lines.close()
  }
}

/** Whether the answer is yes; everything else is no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(`${question} [y/N] `))
}
