import type { BackupProgress } from '../../src/backup/backup-progress.js'
import { megabytes, rowsOf } from '../cli/format.js'

const LINE_EVERY_MS = 2_000

/** How far a backup or restore is, as a line every other second; results on standard output. */
export class BackupDisplay {
  private lastAtMs = performance.now()

  readonly onProgress = ({ table, rows, bytes, bytesTotal }: BackupProgress): void => {
    if (performance.now() - this.lastAtMs < LINE_EVERY_MS) return
    this.lastAtMs = performance.now()
    const share = bytesTotal ? `${Math.floor((100 * bytes) / bytesTotal)} %, ` : ''
    this.note(`${share}${megabytes(bytes)}, ${table}: ${rowsOf(rows)}`)
  }

  /** The result. */
  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }
}
