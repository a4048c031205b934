import { ApiError, ConnectionError } from './api-errors.js'
import { explain } from './explain.js'

const FAILED = 1

/** The exit code of a command's work; where the server refuses it or does not respond, that is explained and the code is 1. */
export async function runCommand(url: URL, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof ConnectionError)) throw error
    process.stderr.write(`error: ${explain(error, url)}\n`)
    return FAILED
  }
}
