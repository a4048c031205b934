import { styled } from './styles.js'

/** What went wrong and what to do, on standard error. */
export function printError(text: string): void {
  process.stderr.write(`${styled('red', 'error:', process.stderr)} ${text}\n`)
}

/** Something worth knowing that is no result, on standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
