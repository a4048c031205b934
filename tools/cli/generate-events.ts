import { sampleEvents } from '../generator/events-generator.js'
import { ApiClient } from './api-client.js'
import { ApiError, ConnectionError } from './api-errors.js'
import { connectionOf } from './connection/connection.js'
import { explain } from './explain.js'
import { count, duration } from './format.js'
import type { GenerateEventsArguments } from './generate-events.command.js'
import { Interrupt } from './interrupt.js'
import { note, print, printError } from './output/messages.js'
import { isJson } from './output/output-option.js'
import { Backoff } from './retry.js'
import { sendEvents, type SentEvents } from './send-events.js'

const FAILED = 1

/** Sends made-up events, and gives the exit code. */
export async function generateEvents(given: GenerateEventsArguments): Promise<number> {
  const { interval, rate, seed, ...plan } = given
  const { url, apiKey } = await connectionOf(given)
  const api = new ApiClient(url, apiKey)
  const intervalMs = 1000 * (rate ? plan.batch / rate : interval)
  const line = new ProgressLine(plan.count, isJson(given))
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
  printError(explain(error, url))
  return FAILED
}

/** One line that is written over on a terminal; elsewhere only the last one is printed. */
class ProgressLine {
  private readonly startedAt = performance.now()
  private sent: SentEvents = { events: 0, requests: 0 }

  constructor(
    private readonly total: number,
    private readonly json: boolean,
  ) {}

  show({ events, requests }: SentEvents): void {
    this.sent = { events, requests }
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${this.text()}`)
  }

  note(text: string): void {
    note(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${text}`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
    print(this.json ? JSON.stringify({ ...this.sent, seconds: Number(this.seconds.toFixed(3)) }) : this.text())
  }

  private text(): string {
    const { events, requests } = this.sent
    return `${count(events)} of ${count(this.total)} events sent in ${count(requests)} requests, ${duration(this.seconds)}`
  }

  private get seconds(): number {
    return (performance.now() - this.startedAt) / 1000
  }
}
