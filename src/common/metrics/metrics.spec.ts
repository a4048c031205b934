import { register } from 'prom-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { observeGauge } from './observed-gauge.js'
import { TallyCounter } from './tally-counter.js'
import { TallyHistogram } from './tally-histogram.js'

/** What is scraped of a metric, without its HELP and TYPE. */
async function scraped(name: string): Promise<string[]> {
  const text = await register.getSingleMetricAsString(name)
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

beforeEach(() => register.clear())

describe('TallyCounter', () => {
  it('adds up each series, and a scrape changes nothing', async () => {
    const counter = new TallyCounter({ name: 'things_total', help: 'Things', labelNames: ['kind', 'size'] })
    counter.add('a 1', () => ({ kind: 'a', size: '1' }))
    counter.add('a 1', () => ({ kind: 'a', size: '1' }), 4)
    counter.add('b 1', () => ({ kind: 'b"\n', size: '1' }), 2)
    const expected = ['things_total{kind="a",size="1"} 5', 'things_total{kind="b\\"\\n",size="1"} 2']
    expect(await scraped('things_total')).toEqual(expected)
    expect(await scraped('things_total')).toEqual(expected)
  })
})

describe('TallyHistogram', () => {
  it('counts in each bucket all that is at most its bound', async () => {
    const options = { name: 'took_seconds', help: 'Time', labelNames: ['route'] as const }
    const histogram = new TallyHistogram(options, [0.1, 1])
    for (const value of [0.1, 0.5, 1, 7]) histogram.observe('/', () => ({ route: '/' }), value)
    expect(await scraped('took_seconds')).toEqual([
      'took_seconds_bucket{route="/",le="0.1"} 1',
      'took_seconds_bucket{route="/",le="1"} 3',
      'took_seconds_bucket{route="/",le="+Inf"} 4',
      'took_seconds_sum{route="/"} 8.6',
      'took_seconds_count{route="/"} 4',
    ])
  })
})

describe('observeGauge', () => {
  it('shows what is read at the scrape, and no value while reading fails', async () => {
    let read = (): number => 3
    observeGauge({ name: 'waiting', help: 'Waiting', read: () => read() })
    expect(await scraped('waiting')).toEqual(['waiting 3'])
    read = () => {
      throw new Error('the database is away')
    }
    expect(await scraped('waiting')).toEqual([])
  })

  it('replaces the one of an earlier application', async () => {
    observeGauge({ name: 'jobs', help: 'Jobs', labelNames: ['status'], read: () => 1 })
    observeGauge({
      name: 'jobs',
      help: 'Jobs',
      labelNames: ['status'],
      read: async () => [{ labels: { status: 'queued' }, value: 2 }],
    })
    expect(await scraped('jobs')).toEqual(['jobs{status="queued"} 2'])
  })
})
