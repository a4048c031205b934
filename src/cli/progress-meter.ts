import type { Job } from './api-client.js'
import { count, duration, megabytes, rowsOf } from './words.js'

/** How far a file is, to be shown as a bar or as a line. */
export interface Reading {
  phase: 'uploading' | 'waiting' | 'loading'
  /** bytes of the file */
  done: number
  total: number
  detail: string
}

/** Makes readings of the raw figures: speed, and the time that is left at that speed. */
export class ProgressMeter {
  private phase?: Reading['phase']
  private startedAt = 0
  private first = { bytes: 0, rows: 0 }

  uploading(sent: number, total: number): Reading {
    this.enter('uploading', { bytes: sent, rows: 0 })
    const perSecond = this.perSecond(sent - this.first.bytes)
    const detail = [`${megabytes(sent)} of ${megabytes(total)}`, perSecond ? `${megabytes(perSecond)}/s` : '']
    return { phase: 'uploading', done: sent, total, detail: listed(this.left(sent, total), ...detail) }
  }

  loading({ status, bytesDone, bytesTotal, rowsRead }: Job): Reading {
    if (status === 'queued') {
      this.enter('waiting', { bytes: 0, rows: 0 })
      return { phase: 'waiting', done: 0, total: bytesTotal, detail: 'for its turn' }
    }
    this.enter('loading', { bytes: bytesDone, rows: rowsRead })
    const perSecond = this.perSecond(rowsRead - this.first.rows)
    const detail = [rowsOf(rowsRead), perSecond ? `${count(perSecond)} rows/s` : '']
    return {
      phase: 'loading',
      done: bytesDone,
      total: bytesTotal,
      detail: listed(this.left(bytesDone, bytesTotal), ...detail),
    }
  }

  private enter(phase: Reading['phase'], first: { bytes: number; rows: number }): void {
    if (this.phase === phase) return
    this.phase = phase
    this.startedAt = performance.now()
    this.first = first
  }

  private perSecond(amount: number): number {
    const seconds = (performance.now() - this.startedAt) / 1000
    return seconds > 0 ? amount / seconds : 0
  }

  private left(done: number, total: number): string {
    const perSecond = this.perSecond(done - this.first.bytes)
    return perSecond > 0 && done < total ? `${duration((total - done) / perSecond)} left` : ''
  }
}

function listed(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}
