import type { Job } from './api-client.js'
import type { Display, FileProgress, Tally } from './display.js'
import { ProgressMeter, TallyMeter, type Reading } from './progress-meter.js'
import { printable } from './format.js'

const LINE_EVERY_MS = 10_000

/** Results on standard output; on standard error the rest, with a line now and then about a file that takes long. */
export class PlainDisplay implements Display {
  track(name: string): FileProgress {
    const meter = new ProgressMeter()
    const show = this.lines(name)
    return {
      uploading: (sent, total) => show(meter.uploading(sent, total)),
      loading: (job: Job) => show(meter.loading(job)),
      end: () => undefined,
    }
  }

  tally(name: string, total: number): Tally {
    const meter = new TallyMeter(total)
    const show = this.lines(name)
    return { add: (count) => show(meter.add(count)), end: () => undefined }
  }

  print(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  close(): void {}

  private lines(name: string): (reading: Reading) => void {
    let lastAt = performance.now()
    return ({ phase, done, total, detail }) => {
      if (performance.now() - lastAt < LINE_EVERY_MS) return
      lastAt = performance.now()
      this.note(`${printable(name)}: ${phase} ${Math.floor((100 * done) / Math.max(total, 1))} %, ${detail}`)
    }
  }
}
