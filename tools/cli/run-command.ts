import { randomUUID } from 'node:crypto'
import { ApiClient } from './api-client.js'
import { ApiError, ConnectionError } from './api-errors.js'
import { connectionOf } from './connection/connection.js'
import type { ConnectionArguments } from './connection/connection-options.js'
import { explain, type WorkKind } from './explain.js'
import { duration } from './format.js'
import { Interrupt, StoppedError } from './interrupt.js'
import { note, printError } from './output/messages.js'
import { Backoff, repeated } from './retry.js'

export interface CommandRun {
  api: ApiClient
  url: URL
  /** Ctrl-C; of a change it ends nothing that was sent */
  signal: AbortSignal
}

type Work = (run: CommandRun) => Promise<number | void>

const FAILED = 1

/** The exit code of a command's work; where the server refuses it or does not respond, that is explained and the code is 1. */
export async function runCommand(url: URL, work: () => Promise<number>, kind: WorkKind = 'load'): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof ConnectionError)) throw error
    printError(explain(error, url, kind))
    return FAILED
  }
}

/** Runs what only reads, on the server that the arguments, the environment or a profile name. Ctrl-C ends it at once. */
export async function runReading(given: ConnectionArguments, work: Work, kind: WorkKind = 'reading'): Promise<number> {
  return runOn(await connectionOf(given), work, kind)
}

/** The same on a server that is known, also without a key. */
export async function runOn(
  { url, apiKey }: { url: URL; apiKey?: string },
  work: Work,
  kind: WorkKind = 'reading',
): Promise<number> {
  const interrupt = new Interrupt(
    () => undefined,
    () => undefined,
  )
  const { signal } = interrupt
  const attempt = async (): Promise<number> => {
    try {
      return (await work({ api: new ApiClient(url, apiKey, signal), url, signal })) ?? 0
    } catch (error) {
      if (!signal.aborted) throw error
      note(`Stopped. ${error instanceof StoppedError ? error.message : 'Nothing was changed.'}`)
      return 0
    }
  }
  const code = await runCommand(url, attempt, kind)
  return interrupt.exitCode ?? code
}

/** Runs what changes something: at Ctrl-C the response to a request that was sent is waited for, and what it says is printed. */
export async function runChange(given: ConnectionArguments, work: Work): Promise<number> {
  const { url, apiKey } = await connectionOf(given)
  const interrupt = new Interrupt(
    () => note('Waiting for the response to what was sent, so that nothing is half done. Ctrl-C again stops here.'),
    () => note('Stopped without the response: look whether the change was made.'),
  )
  const { signal } = interrupt
  const attempt = async (): Promise<number> => (await work({ api: new ApiClient(url, apiKey), url, signal })) ?? 0
  const code = await runCommand(url, attempt, 'change')
  return interrupt.exitCode ?? code
}

/** Creates something once, also when the connection breaks and the request is sent again. */
export function created<T>(signal: AbortSignal, request: (headers: Record<string, string>) => Promise<T>): Promise<T> {
  const headers = { 'idempotency-key': randomUUID() }
  const backoff = new Backoff(signal, (error, ms) => note(`${error.message}; trying again in ${duration(ms / 1000)}`))
  return repeated(() => request(headers), backoff, signal)
}
