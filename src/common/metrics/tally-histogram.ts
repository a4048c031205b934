import { register, type Metric } from 'prom-client'
import { SeriesMap, type Labels } from './series.js'
import type { MetricOptions } from './tally-counter.js'

/** Upper bounds in seconds for what a client waits for. */
export const REQUEST_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

interface Observations {
  /** how many fell into each bucket, and beyond the last */
  counts: number[]
  sum: number
}

interface Value {
  metricName: string
  labels: Record<string, string | number>
  value: number
}

/** A Prometheus histogram with labels that is cheap to add to. Make one for the process, in the file of its module. */
export class TallyHistogram<Label extends string> {
  private readonly observations: SeriesMap<Label, Observations>

  /** `buckets`: upper bounds in the unit of the name, ascending */
  constructor(
    private readonly options: MetricOptions<Label>,
    private readonly buckets: readonly number[],
  ) {
    const counts = Array.from({ length: buckets.length + 1 }, () => 0)
    this.observations = new SeriesMap(() => ({ counts: [...counts], sum: 0 }))
    const { name, help } = options
    const get = async (): Promise<object> => ({ name, help, type: 'histogram', values: this.values() })
    // prom-client has no way to set a histogram's buckets; what it prints is what `get` gives.
    register.registerMetric({ name, help, get } as unknown as Metric)
  }

  /** `labels` is asked once for each key. */
  observe(key: string, labels: () => Labels<Label>, value: number): void {
    const observations = this.observations.get(key, labels)
    observations.sum += value
    let bucket = 0
    while (bucket < this.buckets.length && value > this.buckets[bucket]!) bucket++
    observations.counts[bucket]!++
  }

  private values(): Value[] {
    return [...this.observations.all()].flatMap(({ labels, series }) => this.valuesOf(labels, series))
  }

  /** Each bucket counts all that is at most its bound. */
  private valuesOf(labels: Labels<Label>, { counts, sum }: Observations): Value[] {
    const { name } = this.options
    let total = 0
    const buckets = counts.map((count, index) => {
      total += count
      return { metricName: `${name}_bucket`, labels: { ...labels, le: this.buckets[index] ?? '+Inf' }, value: total }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ]
  }
}
