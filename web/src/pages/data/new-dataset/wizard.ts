import { useSyncExternalStore } from 'react'
import { useCurrentSession } from '../../../session/session-context'
import type { Session } from '../../../session/use-session'
import { emptyDraft, type Draft } from '../declaration/draft'
import { draftOf } from '../declaration/draft-of'
import { NO_ERRORS, type FieldErrors } from '../declaration/field-errors'
import type { FileOptions } from '../file-options/file-options'
import { infer } from './infer'

/** A dataset on its way to be declared. */
export interface Wizard {
  /** whose it is: the next one to sign in must not see it */
  owner: Session
  /** undefined: it is declared without one */
  file?: File
  phase: 'looking' | 'failed' | 'drafted' | 'declared'
  /** why the file could not be looked at */
  error?: Error
  draft?: Draft
  errors: FieldErrors
}

let current: Wizard | undefined
let abort: AbortController | undefined
const listeners = new Set<() => void>()

/** It is kept while other pages are open. */
export function useWizard(): Wizard | undefined {
  const session = useCurrentSession()
  const wizard = useSyncExternalStore(subscribe, () => current)
  return wizard?.owner === session ? wizard : undefined
}

/** Has the server look at a file; what was drafted before is replaced. */
export async function lookAt(file: File, owner: Session, options: FileOptions = {}): Promise<void> {
  abort?.abort()
  const mine = new AbortController()
  abort = mine
  const before = current?.file === file ? current.draft : undefined
  set({ owner, file, phase: 'looking', draft: before, errors: NO_ERRORS })
  try {
    const draft = draftOf(await infer(file, options, mine.signal))
    if (abort === mine)
      set({ owner, file, phase: 'drafted', draft: before ? renamed(draft, before) : draft, errors: NO_ERRORS })
  } catch (error) {
    const phase = before ? 'drafted' : 'failed'
    if (abort === mine) set({ owner, file, phase, draft: before, error: error as Error, errors: NO_ERRORS })
  }
}

export function startWithoutFile(owner: Session): void {
  set({ owner, phase: 'drafted', draft: emptyDraft(), errors: NO_ERRORS })
}

/** `errors`: those that are left; the same ones where the change is of none of them. */
export function changeDraft(changes: Partial<Draft>, errors?: (errors: FieldErrors) => FieldErrors): void {
  if (!current?.draft) return
  const left = errors?.(current.errors) ?? current.errors
  set({ ...current, draft: { ...current.draft, ...changes }, errors: left })
}

export function showErrors(errors: FieldErrors): void {
  if (current) set({ ...current, errors })
}

export function declared(): void {
  if (current) set({ ...current, phase: 'declared', errors: NO_ERRORS })
}

/** Leaves a file that the server looks at; what was drafted of it before stays. */
export function stopLooking(): void {
  if (!current?.draft) return startOver()
  abort?.abort()
  abort = undefined
  set({ ...current, phase: 'drafted' })
}

export function startOver(): void {
  abort?.abort()
  abort = undefined
  set(undefined)
}

/** What the operator called it stays when the file is looked at again. */
function renamed(draft: Draft, { name, title, description, price }: Draft): Draft {
  return { ...draft, name, title, description, price }
}

function set(next: Wizard | undefined): void {
  current = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
