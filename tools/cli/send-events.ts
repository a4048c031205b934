import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, Event } from './api-client.js'
import { Backoff } from './retry.js'

export interface SendPlan {
  /** how many in all */
  count: number
  /** how many in one request */
  batch: number
  /** between the starts of two requests */
  intervalMs: number
}

/** What was acknowledged so far. */
export interface SentEvents {
  events: number
  requests: number
}

/** Sends events at a steady pace until all are sent or the signal aborts; a request that has begun is always finished. */
export async function sendEvents(
  api: ApiClient,
  source: Iterator<Event>,
  { count, batch, intervalMs }: SendPlan,
  { signal, backoff, onSent }: { signal: AbortSignal; backoff: Backoff; onSent: (sent: SentEvents) => void },
): Promise<void> {
  const sent: SentEvents = { events: 0, requests: 0 }
  let dueAt = performance.now()
  while (sent.events < count && !signal.aborted) {
    const size = Math.min(batch, count - sent.events)
    const events = Array.from({ length: size }, () => source.next().value as Event)
    await insist(api, events, backoff)
    sent.events += size
    sent.requests++
    onSent(sent)
    dueAt = Math.max(dueAt + intervalMs, performance.now() - intervalMs)
    if (sent.events < count) await sleep(dueAt - performance.now(), undefined, { signal }).catch(() => undefined)
  }
}

async function insist(api: ApiClient, events: Event[], backoff: Backoff): Promise<void> {
  for (;;) {
    try {
      await api.ingestEvents(events)
      return backoff.reset()
    } catch (error) {
      await backoff.pauseAfter(error)
    }
  }
}
