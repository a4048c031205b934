import { Counter } from 'prom-client'
import { SeriesMap, type Labels } from './series.js'

interface Tally {
  count: number
}

export interface MetricOptions<Label extends string> {
  /** by Prometheus' rules: `countinghouse_`, what is counted, its base unit, `_total` for a counter */
  name: string
  help: string
  labelNames: readonly Label[]
}

/** A Prometheus counter with labels that is cheap to add to. Make one for the process, in the file of its module. */
export class TallyCounter<Label extends string> {
  private readonly tallies = new SeriesMap<Label, Tally>(() => ({ count: 0 }))

  constructor({ name, help, labelNames }: MetricOptions<Label>) {
    const { tallies } = this
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      collect() {
        this.reset()
        for (const { labels, series } of tallies.all()) this.inc(labels, series.count)
      },
    })
  }

  /** `labels` is asked once for each key. */
  add(key: string, labels: () => Labels<Label>, count = 1): void {
    this.tallies.get(key, labels).count += count
  }
}
