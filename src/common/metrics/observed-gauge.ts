import { Gauge, register } from 'prom-client'
import { inTime } from '../in-time.js'

/** Half of Prometheus' default, and more than whoever reads gives an engine. */
const SCRAPE_TIMEOUT_MS = 5_000

/** A value with those of its labels. */
export interface ObservedValue {
  labels?: Record<string, string>
  value: number
}

export interface ObservedGaugeOptions {
  name: string
  help: string
  labelNames?: string[]
  /** What it shows at this moment. While it throws or takes too long the gauge has no value: the scrape goes on. */
  read: () => number | ObservedValue[] | Promise<number | ObservedValue[]>
}

/** A gauge that is read when it is scraped. The one of an application that was here before is replaced. */
export function observeGauge({ name, help, labelNames = [], read }: ObservedGaugeOptions): void {
  register.removeSingleMetric(name)
  new Gauge({
    name,
    help,
    labelNames,
    async collect() {
      const values = await valuesOf(read)
      this.reset()
      // Without labels a reset makes it 0, which would be a lie.
      if (values.length === 0 && labelNames.length === 0) this.remove()
      for (const { labels = {}, value } of values) this.set(labels, value)
    },
  })
}

async function valuesOf(read: ObservedGaugeOptions['read']): Promise<ObservedValue[]> {
  try {
    const values = await inTime(Promise.resolve().then(read), SCRAPE_TIMEOUT_MS)
    return typeof values === 'number' ? [{ value: values }] : values
  } catch {
    return []
  }
}
