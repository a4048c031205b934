import { useSyncExternalStore } from 'react'
import { useCurrentSession } from '../../../session/session-context'
import type { Session } from '../../../session/use-session'
import type { Ingestion } from '../ingestions'
import { sendFile, type LoadOptions } from './send-file'

interface Sending {
  file: File
  options: LoadOptions
  /** whose it is: the next one to sign in must not see it */
  owner: Session
}

export type Upload = Sending &
  (
    | { phase: 'sending'; sentBytes: number; startedAt: number }
    | { phase: 'sent'; job: Ingestion }
    | { phase: 'failed'; error: Error }
  )

let current: Upload | undefined
let abort: AbortController | undefined
const listeners = new Set<() => void>()

/** The upload that goes on, or has ended and was not yet looked at. It goes on while other pages are open. */
export function useUpload(): Upload | undefined {
  const session = useCurrentSession()
  const upload = useSyncExternalStore(subscribe, () => current)
  return upload?.owner === session ? upload : undefined
}

export async function startUpload(sending: Sending): Promise<void> {
  const { file, options } = sending
  cancelUpload()
  const mine = new AbortController()
  abort = mine
  const show = (next: Upload) => abort === mine && set(next)
  const startedAt = Date.now()
  const onProgress = (sentBytes: number) => show({ ...sending, phase: 'sending', sentBytes, startedAt })
  onProgress(0)
  window.addEventListener('beforeunload', askBeforeLeaving)
  try {
    show({ ...sending, phase: 'sent', job: await sendFile(file, options, onProgress, mine.signal) })
  } catch (error) {
    show({ ...sending, phase: 'failed', error: error as Error })
  } finally {
    if (abort === mine) window.removeEventListener('beforeunload', askBeforeLeaving)
  }
}

/** Stops what is on its way, and forgets what has ended. */
export function cancelUpload(): void {
  const running = abort
  abort = undefined
  running?.abort()
  window.removeEventListener('beforeunload', askBeforeLeaving)
  set(undefined)
}

function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

function set(next: Upload | undefined): void {
  current = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
