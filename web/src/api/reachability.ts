import { useSyncExternalStore } from 'react'

let reachable = true
const listeners = new Set<() => void>()

/** Whether the last request got a response, whatever it said. */
export function useIsReachable(): boolean {
  return useSyncExternalStore(subscribe, () => reachable)
}

/** Told by whoever sends requests. */
export function setReachable(next: boolean): void {
  if (next === reachable) return
  reachable = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
