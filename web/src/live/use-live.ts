import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import type { Frame } from './frames'
import { liveStore, type LiveState } from './live-store'

/** A load changes its job many times a second. */
const POLL_INTERVAL_MS = 1_000

/** What the live stream says now; connected while somebody uses it. */
export function useLive(): LiveState {
  return useSyncExternalStore(liveStore.subscribe, liveStore.read)
}

/**
 * Asks again for the answers under the keys that a frame makes old; `keysOf` must be the same function from one rendering
 * to the next. It gets a snapshot only after a gap, in which anything may have changed.
 */
export function useLiveInvalidation(keysOf: (frame: Frame) => readonly QueryKey[]): void {
  const client = useQueryClient()
  useEffect(() => {
    const gathered = new GatheredKeys(client)
    let isConnected = false
    const leave = liveStore.listen((frame) => {
      if (frame.type !== 'snapshot' || isConnected) gathered.add(keysOf(frame))
      isConnected = true
    })
    return () => {
      leave()
      gathered.drop()
    }
  }, [client, keysOf])
}

/** Keys whose answers are old, asked for together. */
class GatheredKeys {
  private readonly keys = new Map<string, QueryKey>()
  private timer?: number

  constructor(private readonly client: QueryClient) {}

  add(keys: readonly QueryKey[]): void {
    for (const key of keys) this.keys.set(JSON.stringify(key), key)
    if (this.keys.size > 0) this.timer ??= window.setTimeout(() => this.ask(), POLL_INTERVAL_MS)
  }

  drop(): void {
    window.clearTimeout(this.timer)
  }

  private ask(): void {
    this.timer = undefined
    for (const queryKey of this.keys.values()) void this.client.invalidateQueries({ queryKey })
    this.keys.clear()
  }
}
