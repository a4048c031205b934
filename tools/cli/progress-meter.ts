import type { Job } from './api-client.js'
import { count, duration, megabytes, rowsOf } from './format.js'

/** How far a file is, to be shown as a bar or as a line. */
export interface Reading {
  phase: 'uploading' | 'waiting' | 'loading' | 'adding'
  /** bytes of the file, or things */
  done: number
  total: number
  detail: string
}

/** Makes readings of the raw figures: speed, and the time that is left at that speed. */
export class ProgressMeter {
  private startedAt = 0
  private sent = Infinity

  uploading(sent: number, total: number): Reading {
    // It begins, or begins anew after a broken connection.
    if (sent < this.sent) this.startedAt = performance.now()
    this.sent = sent
    const perSecond = sent / ((performance.now() - this.startedAt) / 1000)
    const isKnown = Number.isFinite(perSecond) && perSecond > 0
    const detail = listed(
      isKnown && sent < total && `${duration((total - sent) / perSecond)} left`,
      `${megabytes(sent)} of ${megabytes(total)}`,
      isKnown && `${megabytes(perSecond)}/s`,
    )
    return { phase: 'uploading', done: sent, total, detail }
  }

  loading({ status, bytesDone, bytesTotal, rowsRead, rowsPerSecond, secondsRemaining }: Job): Reading {
    if (status === 'queued') return { phase: 'waiting', done: 0, total: bytesTotal, detail: 'for its turn' }
    const detail = listed(
      secondsRemaining !== null && `${duration(secondsRemaining)} left`,
      rowsOf(rowsRead),
      rowsPerSecond !== null && `${count(rowsPerSecond)} rows/s`,
    )
    return { phase: 'loading', done: bytesDone, total: bytesTotal, detail }
  }
}

/** How far a number of things is. */
export class TallyMeter {
  private done = 0

  constructor(private readonly total: number) {}

  add(more: number): Reading {
    this.done += more
    const detail = `${count(this.done)} of ${count(this.total)}`
    return { phase: 'adding', done: this.done, total: this.total, detail }
  }
}

function listed(...parts: (string | false)[]): string {
  return parts.filter((part) => part !== false).join(', ')
}
