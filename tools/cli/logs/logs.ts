import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, ConnectionError } from '../api-errors.js'
import { count, duration } from '../format.js'
import { StoppedError } from '../interrupt.js'
import { note, print } from '../output/messages.js'
import { outputOf, type Output } from '../output/output-option.js'
import { printRows, tableOf, type TableColumn } from '../output/print-rows.js'
import { styled } from '../output/styles.js'
import { Backoff } from '../retry.js'
import { runReading } from '../run-command.js'
import { UsageError } from '../usage-error.js'
import { LogSource, type LogEntry } from './log-source.js'
import type { LogArguments } from './logs.command.js'

const POLL_MS = 2_000
/** The server writes its log in batches, so a request may appear after ones that came later. */
const LATE_MS = 15_000

const COLUMNS: TableColumn<LogEntry>[] = [
  { name: 'at', text: ({ timestamp }) => timestamp.slice(0, 19).replace('T', ' ') },
  { name: 'status', text: ({ status }) => String(status), isNumber: true },
  { name: 'method', text: ({ method }) => method.padEnd(6) },
  { name: 'ms', text: ({ durationMs }) => count(durationMs).padStart(6), isNumber: true },
  { name: 'credits', text: ({ creditsCharged }) => count(creditsCharged), isNumber: true },
  { name: 'endpoint', text: ({ endpoint }) => endpoint },
  { name: 'request', text: ({ requestId }) => requestId },
]

/** Prints the log, and gives the exit code. */
export async function logs(given: LogArguments): Promise<number> {
  const output = outputOf(given)
  if (given.follow && (output === 'json' || output === 'csv'))
    throw new UsageError('--follow has no end to close a file with: give --output ndjson, or none')
  if (given.follow && given.to !== undefined) throw new UsageError('--follow goes on after --to: give one of them')
  return runReading(given, async ({ api, signal }) => {
    const source = await LogSource.open(api, given)
    const rows = await source.newest(given.limit)
    if (!given.follow) return printRows(rows, COLUMNS, output)
    await follow(source, rows, output, signal)
  })
}

async function follow(source: LogSource, first: LogEntry[], output: Output, signal: AbortSignal): Promise<void> {
  // To the moment before the first page, so that nothing falls between.
  const seen = new Map(first.map(({ id, timestamp }) => [id, Date.parse(timestamp)]))
  let newestMs = first.length > 0 ? Date.parse(first.at(-1)!.timestamp) : Date.now()
  printFollowed(first, output, true)
  const backoff = new Backoff(signal, (error, ms) => note(`${error.message}; trying again in ${duration(ms / 1000)}`))
  try {
    for (;;) {
      await sleep(POLL_MS, undefined, { signal })
      const since = newestMs - LATE_MS
      const rows = await recent(source, since, backoff)
      const added = rows.filter(({ id }) => !seen.has(id))
      printFollowed(added, output, false)
      for (const { id, timestamp } of added) seen.set(id, Date.parse(timestamp))
      newestMs = Math.max(newestMs, ...added.map(({ timestamp }) => Date.parse(timestamp)))
      for (const [id, at] of seen) if (at < newestMs - LATE_MS) seen.delete(id)
    }
  } catch (error) {
    if (signal.aborted) throw new StoppedError('The server goes on.')
    throw error
  }
}

/** Through restarts of the server, as long as they do not take too long. */
async function recent(source: LogSource, sinceMs: number, backoff: Backoff): Promise<LogEntry[]> {
  for (;;) {
    try {
      const rows = await source.newest(Infinity, new Date(sinceMs).toISOString())
      backoff.reset()
      return rows
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof ConnectionError)) throw error
      await backoff.pauseAfter(error)
    }
  }
}

function printFollowed(rows: LogEntry[], output: Output, withHeader: boolean): void {
  if (output === 'ndjson') return rows.forEach((row) => print(JSON.stringify(row)))
  const [header, ...lines] = tableOf(rows, COLUMNS).split('\n') as [string, ...string[]]
  if (withHeader) print(header)
  lines.forEach((line, index) => print(rows[index]!.status >= 400 ? styled('red', line) : line))
}
