import type { Job } from './api-client.js'
import type { Display, FileProgress } from './display.js'
import { ProgressMeter, type Reading } from './progress-meter.js'
import { printable } from './words.js'

const LINE_EVERY_MS = 10_000

/** Results on standard output; on standard error the rest, with a line now and then about a file that takes long. */
export class PlainDisplay implements Display {
  track(name: string): FileProgress {
    const meter = new ProgressMeter()
    let lastAt = performance.now()
    const show = ({ phase, done, total, detail }: Reading): void => {
      if (performance.now() - lastAt < LINE_EVERY_MS) return
      lastAt = performance.now()
      this.note(`${printable(name)}: ${phase} ${Math.floor((100 * done) / Math.max(total, 1))} %, ${detail}`)
    }
    return {
      uploading: (sent, total) => show(meter.uploading(sent, total)),
      loading: (job: Job) => show(meter.loading(job)),
      end: () => undefined,
    }
  }

  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  close(): void {}
}
