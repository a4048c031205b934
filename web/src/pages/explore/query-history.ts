/** The states of something before and behind the one that is shown. */
export interface History<T> {
  past: readonly T[]
  present: T
  future: readonly T[]
  /** epoch ms of the last change */
  changedAt: number
}

const MAX_STEPS = 100
/** Letters typed one after the other are one step. */
const ONE_STEP_MS = 700

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [], changedAt: 0 }
}

export function changed<T>(history: History<T>, next: T, at = Date.now()): History<T> {
  const isSameStep = history.past.length > 0 && at - history.changedAt < ONE_STEP_MS
  const known = isSameStep ? history.past : opened(history, next).past
  return { past: known, present: next, future: [], changedAt: at }
}

/** A step of its own, however soon it comes after another one. */
export function opened<T>({ past, present }: History<T>, next: T): History<T> {
  return { past: [...past, present].slice(-MAX_STEPS), present: next, future: [], changedAt: 0 }
}

export function undone<T>(history: History<T>): History<T> {
  const { past, present, future } = history
  if (past.length === 0) return history
  return { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future], changedAt: 0 }
}

export function redone<T>(history: History<T>): History<T> {
  const { past, present, future } = history
  const [next, ...others] = future
  return next === undefined ? history : { past: [...past, present], present: next, future: others, changedAt: 0 }
}
