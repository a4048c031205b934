import { InvalidArgumentError, type Command } from 'commander'
import { sampleEvents } from '../generator/events-generator.js'
import { ApiClient } from './api-client.js'
import { ApiError, ConnectionError } from './api-errors.js'
import { readApiKey } from './api-key.js'
import { explain } from './explain.js'
import { Interrupt } from './interrupt.js'
import { addConnectionOptions } from './load-options.js'
import { parseWhole } from './parse-whole.js'
import { Backoff } from './retry.js'
import { sendEvents, type SentEvents } from './send-events.js'
import { count, duration } from './format.js'

interface GenerateEventsArguments {
  url: URL
  keyFile?: string
  interval: number
  count: number
  batch: number
  rate?: number
  seed: number
}

const FAILED = 1
const MAX_BATCH = 10_000

const HELP = `
Examples:
  $ npx countinghouse generate events
  $ npx countinghouse generate events --count 100000 --batch 100 --rate 2000`

export function registerGenerateEvents(generate: Command, exit: (code: number) => void): void {
  const command = generate
    .command('events')
    .description('Sends made-up events to a server, at a steady pace. The same seed gives the same events.')
  addConnectionOptions(command)
    .option('--interval <seconds>', 'between two requests', parseSeconds, 3)
    .option('--count <n>', 'how many events in all', parsePositive, 100)
    .option('--batch <n>', 'events in one request', parseBatch, 5)
    .option('--rate <n>', 'events a second, in place of --interval', parsePositive)
    .option('--seed <n>', 'number that the data is made from; the same seed gives the same data', parseWhole, 1)
    .addHelpText('after', HELP)
    .action(async (given: GenerateEventsArguments) => {
      exit(await run(given))
    })
}

async function run({ url, keyFile, interval, rate, seed, ...plan }: GenerateEventsArguments): Promise<number> {
  const api = new ApiClient(url, await readApiKey(keyFile))
  const intervalMs = 1000 * (rate ? plan.batch / rate : interval)
  const line = new ProgressLine(plan.count)
  const interrupt = new Interrupt(
    () => line.note('stopping'),
    () => line.end(),
  )
  const { signal } = interrupt
  const backoff = new Backoff(signal, (error, ms) => line.note(`${error.message} (again in ${duration(ms / 1000)})`))
  try {
    const onSent = (sent: SentEvents): void => line.show(sent)
    await sendEvents(api, sampleEvents(seed), { ...plan, intervalMs }, { signal, backoff, onSent })
  } catch (error) {
    if (!signal.aborted) return failed(error, url, line)
  }
  line.end()
  return interrupt.exitCode ?? 0
}

function failed(error: unknown, url: URL, line: ProgressLine): number {
  if (!(error instanceof ApiError) && !(error instanceof ConnectionError)) throw error
  line.end()
  process.stderr.write(`error: ${explain(error, url)}\n`)
  return FAILED
}

/** One line that is written over on a terminal; elsewhere only the last one is printed. */
class ProgressLine {
  private readonly startedAt = performance.now()
  private sent: SentEvents = { events: 0, requests: 0 }

  constructor(private readonly total: number) {}

  show({ events, requests }: SentEvents): void {
    this.sent = { events, requests }
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${this.text()}`)
  }

  note(text: string): void {
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${text}\n`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
    process.stdout.write(`${this.text()}\n`)
  }

  private text(): string {
    const { events, requests } = this.sent
    const seconds = (performance.now() - this.startedAt) / 1000
    return `${count(events)} of ${count(this.total)} events sent in ${count(requests)} requests, ${duration(seconds)}`
  }
}

function parseSeconds(text: string): number {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value > 86_400) throw new InvalidArgumentError('It must be a number of seconds.')
  return value
}

function parsePositive(text: string): number {
  const value = parseWhole(text)
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.')
  return value
}

function parseBatch(text: string): number {
  const value = parsePositive(text)
  if (value > MAX_BATCH) throw new InvalidArgumentError(`It must be at most ${MAX_BATCH}.`)
  return value
}
