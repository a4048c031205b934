import { DateTime } from 'luxon'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import { send } from '../support/events.js'
import { startServer, type TestServer } from '../support/server.js'

// PERIOD_SEED=n repeats a run; PERIOD_ZONES=all asks in every zone there is.
const seed = Number(process.env.PERIOD_SEED ?? Math.floor(Math.random() * 1e9))
console.log(`moments: PERIOD_SEED=${seed}`)

/** Half hours and quarters, changes by half an hour and by two hours, at midnight, and days that were left out. */
const ODD_ZONES = [
  ...['Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Chatham', 'Antarctica/Troll', 'America/Sao_Paulo'],
  ...['Asia/Beirut', 'America/St_Johns', 'Asia/Tehran', 'Pacific/Apia', 'Pacific/Kiritimati', 'Africa/Casablanca'],
  ...['Europe/Berlin', 'America/New_York', 'America/Havana', 'Asia/Pyongyang', 'Asia/Kolkata', 'Australia/Eucla'],
  ...['America/Caracas', 'Africa/Cairo', 'Europe/Dublin', 'Antarctica/Casey', 'Asia/Amman', 'Etc/GMT+12', 'UTC'],
]
const GRANULARITIES = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const
// What an event may say.
const [FIRST_MS, LAST_MS] = [Date.UTC(2000, 0, 3), Date.now() - 86_400_000 * 2]
const MINUTE_MS = 60_000

const random = new SeededRandom(seed)
let server: TestServer
const moments: number[] = []

beforeAll(async () => {
  for (const zone of ODD_ZONES) moments.push(...momentsAroundChanges(zone))
  for (let n = 0; n < 500; n++) moments.push(random.integer(FIRST_MS, LAST_MS))
  server = await startServer()
  const events = moments.map(eventAt)
  for (let from = 0; from < events.length; from += 5_000) await send(server, events.slice(from, from + 5_000))
}, 180_000)
afterAll(() => server?.stop())

/** The moments at which the clock was changed there, each with some before and behind. */
function momentsAroundChanges(zone: string): number[] {
  const offsetAt = (ms: number) => DateTime.fromMillis(ms, { zone }).offset
  const changes: number[] = []
  const stepMs = 20 * 86_400_000
  for (let ms = FIRST_MS; ms < LAST_MS; ms += stepMs) {
    let [before, after] = [ms, ms + stepMs]
    if (offsetAt(before) === offsetAt(after)) continue
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (offsetAt(middle) === offsetAt(before)) before = middle
      else after = middle
    }
    changes.push(after)
  }
  const some = changes.length > 30 ? Array.from({ length: 30 }, () => random.pick(changes)) : changes
  const minutes = [-1440, -125, -61, -31, -1, 0, 1, 9, 29, 30, 59, 61, 95, 131, 1439]
  return some.flatMap((change) => minutes.map((each) => change + each * MINUTE_MS + random.integer(0, 59_999)))
}

function eventAt(ms: number, index: number) {
  return { timestamp: new Date(ms).toISOString(), source: 'test', type: 'moment', values: { n: index } }
}

/** When the period began on the clock there: a day as text, a moment as ISO text. */
function began(ms: number, zone: string, granularity: (typeof GRANULARITIES)[number]): string {
  const moment = DateTime.fromMillis(ms, { zone })
  if (granularity !== 'minute' && granularity !== 'hour') {
    // In UTC, where each day of the calendar begins at 00:00.
    const day = DateTime.utc(moment.year, moment.month, moment.day)
    return day.startOf(granularity).toISODate()!
  }
  const start = moment.startOf(granularity).toMillis()
  if (start <= ms) return isoOf(start)
  // The clock jumped over that time, and luxon goes on to one yet to come: then it is as far back as the clock shows.
  return isoOf(ms - (ms % MINUTE_MS) - moment.minute * MINUTE_MS)
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/**
 * What the engine is known to count otherwise: changes that are not at a quarter of an hour, and the first of two times
 * that a day of the calendar began, where the clock went back over midnight.
 */
function isKnownOtherwise(ms: number, zone: string): boolean {
  const at = (minutes: number) => DateTime.fromMillis(ms + minutes * MINUTE_MS, { zone })
  const isOddlyChanged = Array.from({ length: 130 }, (_, n) => n - 65).some(
    (n) => at(n).offset !== at(n + 1).offset && Math.floor(ms / MINUTE_MS + n + 1) % 15 !== 0,
  )
  const day = at(0).toISODate()!
  return isOddlyChanged || [31, 61, 121, 181].some((minutes) => at(minutes).toISODate()! < day)
}

const allZones = process.env.PERIOD_ZONES === 'all' ? Intl.supportedValuesOf('timeZone') : ODD_ZONES

describe.each(GRANULARITIES)('by %s', (granularity) => {
  it.each(allZones)('in %s', async (timezone) => {
    const { status, body } = await server.json('POST', '/v1/query', {
      dataset: 'events',
      measures: ['events'],
      dimensions: ['values.n'],
      timeDimension: { dimension: 'timestamp', granularity },
      timezone,
      limit: 50_000,
    })
    // Zones that are newer than the engine.
    if (status === 400 && !ODD_ZONES.includes(timezone)) return expect(body.errors[0].path).toBe('timezone')
    expect(status, JSON.stringify(body).slice(0, 300)).toBe(200)
    expect(body.data).toHaveLength(moments.length)
    const wrong = body.data.flatMap((row: any) => {
      const ms = moments[Number(row['values.n'])]!
      const expected = began(ms, timezone, granularity)
      if (row.timestamp === expected || isKnownOtherwise(ms, timezone)) return []
      return [{ at: new Date(ms).toISOString(), expected, found: row.timestamp }]
    })
    expect(wrong.slice(0, 5), `${wrong.length} are wrong`).toEqual([])
  })
})

describe('the hours of Lord Howe, where the clock goes back by half an hour', () => {
  const execute = async (granularity: string, dateRange: string[]) => {
    const query = { dataset: 'events', measures: ['events'], timezone: 'Australia/Lord_Howe' }
    const filters = [{ member: 'type', operator: 'equals', values: ['lord-howe'] }]
    const timeDimension = { dimension: 'timestamp', granularity, dateRange }
    return (await server.json('POST', '/v1/query', { ...query, filters, timeDimension })).body.data
  }

  beforeAll(() =>
    send(
      server,
      ['2024-04-06T14:59:59Z', '2024-04-06T15:10Z', '2024-04-06T16:40Z', '2024-04-06T17:10Z', '2024-04-06T18:20Z'].map(
        (timestamp) => ({ timestamp, source: 'test', type: 'lord-howe', values: { n: 0 } }),
      ),
    ),
  )

  it('begin on the hour of its clock', async () => {
    expect(await execute('hour', ['2024-04-07', '2024-04-07'])).toEqual([
      // An hour and a half: its last half hour was there twice.
      { timestamp: '2024-04-06T14:00:00Z', events: 2 },
      { timestamp: '2024-04-06T16:30:00Z', events: 2 },
      { timestamp: '2024-04-06T17:30:00Z', events: 1 },
    ])
    expect(await execute('day', ['2024-04-07', '2024-04-07'])).toEqual([{ timestamp: '2024-04-07', events: 5 }])
  })
})
