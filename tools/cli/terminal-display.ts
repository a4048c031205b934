import { MultiBar } from 'cli-progress'
import { clearScreenDown } from 'node:readline'
import type { Job } from './api-client.js'
import type { Display, FileProgress, Tally } from './display.js'
import { ProgressMeter, TallyMeter, type Reading } from './progress-meter.js'
import { printable } from './format.js'

const NAME_LENGTH = 24

/** A bar for each file in work; what is printed goes above the bars. */
export class TerminalDisplay implements Display {
  private readonly bars = new MultiBar({
    format: '{phase} {name} {bar} {percentage}% | {detail}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 15,
    stream: process.stdout,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    // "false" would cut the lines printed above the bars at the edge of the terminal; this only cuts the bars.
    linewrap: true,
    autopadding: true,
    // A bar that did not change would stay cleared otherwise.
    forceRedraw: true,
  })
  private barsInWork = 0
  private hasUnprinted = false

  constructor() {
    // Old bars stand where the lines go now.
    this.bars.on('redraw-pre', () => {
      if (this.hasUnprinted) clearScreenDown(process.stdout)
      this.hasUnprinted = false
    })
  }

  track(name: string): FileProgress {
    const meter = new ProgressMeter()
    const bar = this.bar(name, 'uploading')
    return {
      uploading: (sent, total) => bar.show(meter.uploading(sent, total)),
      loading: (job: Job) => bar.show(meter.loading(job)),
      end: () => bar.end(),
    }
  }

  tally(name: string, total: number): Tally {
    const meter = new TallyMeter(total)
    const bar = this.bar(name, 'adding')
    return { add: (count) => bar.show(meter.add(count)), end: () => bar.end() }
  }

  print(text: string): void {
    if (this.barsInWork === 0) {
      process.stdout.write(`${text}\n`)
      return
    }
    this.hasUnprinted = true
    this.bars.log(`${text}\n`)
  }

  note(text: string): void {
    this.print(text)
  }

  close(): void {
    if (this.hasUnprinted) this.bars.update()
    this.bars.stop()
  }

  private bar(name: string, phase: Reading['phase']): { show(reading: Reading): void; end(): void } {
    const bar = this.bars.create(1, 0, { name: shortened(printable(name)), phase: phase.padEnd(9), detail: '' })
    this.barsInWork++
    return {
      show: ({ phase, done, total, detail }) => {
        bar.setTotal(Math.max(total, 1))
        bar.update(done, { phase: phase.padEnd(9), detail })
      },
      end: () => {
        this.bars.remove(bar)
        this.barsInWork--
        if (this.barsInWork === 0) this.close()
      },
    }
  }
}

function shortened(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1)}…`
}
