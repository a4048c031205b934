import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import Papa from 'papaparse'

export type ValueFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'xml' | 'parquet'
export const VALUE_FORMATS: ValueFormat[] = ['csv', 'tsv', 'json', 'ndjson', 'xml', 'parquet']

export interface TextTable {
  header: string[]
  rows: string[][]
}

const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/

/** The table in a format, each value with its own text; in JSON as a number where JSON has such a number. */
export function asFile({ header, rows }: TextTable, format: ValueFormat): Buffer {
  const json = (row: string[]): string =>
    `{${header.map((name, at) => `"${name}":${JSON_NUMBER.test(row[at]!) ? row[at] : JSON.stringify(row[at])}`).join()}}`
  const xml = (row: string[]): string =>
    `<row>${header.map((name, at) => `<${name}>${row[at]!.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`).join('')}</row>`
  switch (format) {
    case 'csv':
    case 'tsv':
      return Buffer.from(
        Papa.unparse([header, ...rows], { delimiter: format === 'csv' ? ',' : '\t', newline: '\n', quotes: true }),
      )
    case 'json':
      return Buffer.from(`[${rows.map(json).join(',\n')}]`)
    case 'ndjson':
      return Buffer.from(rows.map((row) => `${json(row)}\n`).join(''))
    case 'xml':
      return Buffer.from(`<rows>${rows.map(xml).join('\n')}</rows>`)
    case 'parquet':
      return Buffer.from(
        parquetWriteBuffer({
          columnData: header.map((name, at) => ({ name, data: rows.map((row) => row[at]!), type: 'STRING' as const })),
        }),
      )
  }
}

const NUMBER = /^[ \t\r\n]*([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?[ \t\r\n]*$/

/** The number as a whole number of its `decimals`-th decimals, exactly; undefined when it is none or has more decimals. */
export function exactNumber(text: string, decimals: number): bigint | undefined {
  const [, sign, whole, fraction, exponent = '0'] = NUMBER.exec(text) ?? []
  const digits = `${whole ?? ''}${fraction ?? ''}`
  if (digits === '') return undefined
  const magnitude = BigInt(digits)
  if (magnitude === 0n) return 0n
  const shift = BigInt(exponent) - BigInt(fraction!.length) + BigInt(decimals)
  // Beyond that no column holds it, whatever its digits are.
  if (shift > 1_000n || shift < -1_000n) return undefined
  const power = 10n ** (shift < 0n ? -shift : shift)
  if (shift < 0n && magnitude % power !== 0n) return undefined
  const value = shift < 0n ? magnitude / power : magnitude * power
  return sign === '-' ? -value : value
}

export function isWithin(value: bigint | undefined, least: bigint, most: bigint): value is bigint {
  return value !== undefined && value >= least && value <= most
}

const digits = (most: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'0000123456789'), { maxLength: most }).map((found) => found.join(''))
const blanks = fc.constantFrom('', '', '', ' ', '\n ', '\t', '\r\n')
const sign = fc.constantFrom('', '', '-', '+')
const exponent = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('e', 'E'), sign, fc.integer({ min: 0, max: 25 })).map((parts) => parts.join('')),
)
const written = fc
  .tuple(blanks, sign, digits(17), fc.constantFrom('', '.', '.'), digits(7), exponent, blanks)
  .map((parts) => parts.join(''))
/** what must be refused, or lies at an edge */
const odd = fc.constantFrom(
  ...[
    '',
    ' \n',
    '.',
    '-',
    '+-5',
    '--5',
    '1.2.3',
    '1e',
    'e5',
    '1e+',
    'NaN',
    'Infinity',
    '-inf',
    '0x10',
    '1_000',
    '1 000',
  ],
  ...['1,5', '1.234,50', '٣', '５', '−5', '5%', '$5', '(5)', '5-', '1e5.0', '1e1e1', '2147483647', '2147483648'],
  ...['-2147483648', '-2147483649', '2147483647.0', '21474836480e-1', '99999999999999.9999', '99999999999999.99990'],
  ...['100000000000000', '-99999999999999.9999', '999999999999999999e-4', '0e999999999999999999999', '0.0e-9999'],
  ...['1e99999999999999999999', '1e-99999999999999999999', `1${'0'.repeat(300)}e-300`, `0.${'0'.repeat(300)}1e301`],
  ...['4294967297', '18446744073709551617', '9007199254740993', '1e0000000000000000000000002'],
)
const mutated = fc.tuple(written, fc.nat(), fc.constantFrom(...'.,eE+- x\u00a0')).map(([text, at, character]) => {
  const place = at % (text.length + 1)
  return text.slice(0, place) + character + text.slice(place)
})

/** A text that is a number, nearly one, or none. */
export const numberTexts = fc.oneof(
  { weight: 6, arbitrary: written },
  { weight: 2, arbitrary: odd },
  { weight: 2, arbitrary: mutated },
)

const DAY_AND_TIME =
  /^[ \t\r\n]*([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?(?: ?(?:Z|[+-]([0-9]{2})(?::?([0-9]{2}))?))?)?[ \t\r\n]*$/

/** The day of an ISO text, '' of no text; undefined when it is none, or none from 1900 to 2299. */
export function isoDay(text: string): string | undefined {
  if (/^[ \t\r\n]*$/.test(text)) return ''
  const match = DAY_AND_TIME.exec(text)
  if (!match) return undefined
  const [year, month, day, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 19 || zoneMinute > 59) return undefined
  if (year! < 1900 || year! > 2299 || month! < 1 || month! > 12 || day! < 1 || day! > daysOf(year!, month!))
    return undefined
  return `${match[1]}-${match[2]}-${match[3]}`
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const twoDigits = (most: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, '0'))
const days = fc
  .tuple(
    fc.constantFrom('1900', '1970', '2000', '2023', '2024', '2100', '2299', '1899', '2300', '0000', '9999'),
    twoDigits(13),
    twoDigits(32),
  )
  .map((parts) => parts.join('-'))
const fine = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2299-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const times = fc
  .tuple(
    fc.constantFrom('T', ' ', 't', ''),
    twoDigits(25),
    twoDigits(61),
    fc.oneof(fc.constant(''), twoDigits(61)),
    fc.constantFrom('', '.5', ',123456789', '.'),
    fc.constantFrom('', 'Z', ' Z', '+01', '+0530', '-03:30', '+25:00', 'z', ' UTC'),
  )
  .map(
    ([mark, hour, minute, second, fraction, zone]) =>
      `${mark}${hour}:${minute}${second && `:${second}${fraction}`}${zone}`,
  )
const oddDays = fc.constantFrom(
  ...[
    '',
    ' ',
    'soon',
    '2024-3-1',
    '20240301',
    '2024/03/01',
    '01.03.2024',
    '2024-03-01x',
    '24-03-01',
    '２０２４-03-01',
    '2024-03',
    '-2024-03-01',
    '2024-02-29',
    '2100-02-29',
    '1709251200',
  ],
)

/** A text that is a day in ISO's form, with or without a time, nearly one, or none. */
export const dateTexts = fc
  .tuple(
    blanks,
    fc.oneof(
      { weight: 3, arbitrary: days },
      { weight: 3, arbitrary: fine },
      { weight: 3, arbitrary: fc.tuple(fine, times).map(([day, time]) => day.slice(0, 10) + time) },
      { weight: 1, arbitrary: oddDays },
    ),
    blanks,
  )
  .map((parts) => parts.join(''))
