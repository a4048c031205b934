import fc from 'fast-check'

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME = /^[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?( ?(Z|[+-][01]\d(?::?[0-5]\d)?))?$/
const FIRST = Date.UTC(1900, 0, 1)
const END = Date.UTC(2300, 0, 1)
const DAY = 86_400_000
const HOUR = 3_600_000

const two = (most: number) => fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'))
// From 1970 on most zones change by whole quarters of an hour, which the engine's tables can tell.
const years = fc.oneof(fc.integer({ min: 1970, max: 2037 }), fc.integer({ min: 1941, max: 2299 }))
const days = fc
  .tuple(years, fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join('-'))
/** around the hours at which clocks are changed */
const changes = fc
  .tuple(
    fc.integer({ min: 1996, max: 2037 }),
    fc.constantFrom('03', '04', '09', '10', '11'),
    fc.integer({ min: 1, max: 31 }),
  )
  .map(([year, month, day]) => `${year}-${month}-${String(day).padStart(2, '0')}`)
const fraction = fc.oneof(
  fc.constant(''),
  fc.nat(999_999).map((digits) => `.${digits}`),
  fc.constant(',5'),
)
const seconds = fc.oneof(
  fc.constant(''),
  fc.tuple(two(60), fraction).map(([second, rest]) => `:${second}${rest}`),
)
const zone = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('Z', ' Z', '+02', '-0530', '+05:45', ' +01:00', '-00:00', 'z', '+5', '+02:60', ' UTC'),
  },
)
const times = fc
  .tuple(fc.constantFrom('T', ' ', '_'), fc.oneof(two(24), two(4)), two(60), seconds, zone)
  .map(([mark, hour, minute, rest, offset]) => `${mark}${hour}:${minute}${rest}${offset}`)

/** Texts of moments, good and bad. */
export const timestampTexts = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.oneof(days, changes), times).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: days },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        '2024-02-30T10:00',
        '2024-03-01T25:00',
        '2024-03-01T10',
        'now',
        '1899-12-31T23:59Z',
        '1899-12-31T23:59-01:00',
        '1899-12-30T23:59-23:00',
        '2300-01-01T00:59+01:00',
        '2300-01-01T00:00Z',
        '2300-01-02T00:00+23:59',
      ],
      ...[
        '2024-02-29 00:00',
        '2023-02-29 00:00',
        '2299-12-31T12:00Z',
        '2024-03-01T10:00:00.',
        '10:00',
        '20240301T100000',
      ],
    ),
  },
)

/** The moment as the engine prints it, `refused`, or null for no text: worked out by trying every moment near it. */
export function momentOf(written: string, timezone: string): string | null {
  const text = written.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if (text === '') return null
  const date = DATE.exec(text.slice(0, 10))
  const time = text.length > 10 ? TIME.exec(text.slice(10)) : ['', '0', '0', '0', '']
  if (!date || !time) return 'refused'
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number]
  const midnight = Date.UTC(year, month - 1, day)
  if (new Date(midnight).toISOString().slice(0, 10) !== text.slice(0, 10)) return 'refused'
  if (midnight < FIRST - DAY || midnight > END) return 'refused'
  const [hour, minute, second] = [time[1], time[2], time[3] ?? 0].map(Number) as [number, number, number]
  const ms = Number((time[4] ?? '').padEnd(3, '0').slice(0, 3))
  const local = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms
  const moment = time[6] ? local - offsetOf(time[6]) : earliest(local, timezone)
  if (moment === undefined || moment < FIRST || moment >= END) return 'refused'
  return new Date(moment).toISOString().replace('T', ' ').replace('Z', '')
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)!
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** The first moment at which the clocks of the zone show that. */
function earliest(local: number, timezone: string): number | undefined {
  if (timezone === 'UTC') return local
  const offsets = new Set([-30, -15, -8, -3, 0, 3, 8, 15, 30].map((hours) => offsetAt(local + hours * HOUR, timezone)))
  const moments = [...offsets]
    .map((offset) => local - offset)
    .filter((moment) => moment + offsetAt(moment, timezone) === local)
  return moments.length > 0 ? Math.min(...moments) : undefined
}

const PARTS: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
}
const formats = new Map<string, Intl.DateTimeFormat>()

function offsetAt(moment: number, timeZone: string): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone, hourCycle: 'h23' })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
  const shown = Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second)
  return shown - Math.floor(moment / 1000) * 1000
}
