import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColumnDefinition } from '../../src/datasets/dataset-definition.js'
import type { FileOptions } from '../../src/datasets/file-options.js'
import { ColumnEngine } from '../support/column-engine.js'
import { exactNumber, isWithin, numberTexts } from '../support/exact-values.js'
import { momentOf, timestampTexts } from '../support/exact-moments.js'

const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff
const RUNS = Number(process.env.VALUE_ROWS ?? 1_000)
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Auckland',
]

console.log(`SEED=${seed}`)

function column(
  type: ColumnDefinition['type'],
  storage: ColumnDefinition['storage'],
  more: Partial<ColumnDefinition> = {},
): ColumnDefinition {
  return {
    column: 'value',
    member: 'value',
    type,
    storage,
    title: '',
    required: false,
    nullable: type !== 'text',
    ...more,
  }
}

const INTEGER = column('integer', 'Int64')
const NUMBER = column('number', 'Float64')
const BOOLEAN = column('boolean', 'Bool')
const DATE = column('date', 'Date32')
const TIMESTAMP = column('timestamp', "DateTime64(3, 'UTC')")
const decimal = (scale: number): ColumnDefinition => column('decimal', `Decimal(38, ${scale})`)

describe('declared columns', () => {
  let engine: ColumnEngine

  beforeAll(async () => {
    engine = await ColumnEngine.start()
  })
  afterAll(() => engine.stop())

  /** The values of the texts, `refused` for those that have none. */
  async function valuesOf(of: ColumnDefinition, texts: string[], options: FileOptions = {}) {
    const outcomes = await engine.outcomes(of, texts, options)
    return outcomes.map((outcome) => ('reason' in outcome ? 'refused' : outcome.value))
  }

  async function expectValues(of: ColumnDefinition, expected: [text: string, value: string | null][], options = {}) {
    const found = await valuesOf(
      of,
      expected.map(([text]) => text),
      options,
    )
    expect(found.map((value, at) => [expected[at]![0], value])).toEqual(expected)
  }

  describe('numbers', () => {
    const LIMITS = [63n, 64n, 31n].flatMap((bits) =>
      [-1n, 0n, 1n].flatMap((by) => [2n ** bits + by, -(2n ** bits) + by]),
    )

    it.each([0, 1, 4, 10, 18])('are exact decimals with %i decimals, or refused', async (scale) => {
      const edge = 10n ** BigInt(38 - scale)
      const edges = [
        `${edge}`,
        `${edge - 1n}`,
        `-${edge}`,
        `-${edge - 1n}.${'9'.repeat(scale)}`,
        `0.${'0'.repeat(scale)}1`,
      ]
      const texts = [...fc.sample(numberTexts, { seed, numRuns: RUNS }), ...edges, ...LIMITS.map(String)]
      const found = await valuesOf(decimal(scale), texts)
      for (const [at, text] of texts.entries()) {
        if (/^[ \t\r\n]*$/.test(text)) expect(found[at]).toBeNull()
        else {
          const exact = exactNumber(text, scale)
          const isGood = isWithin(exact, -(10n ** 38n) + 1n, 10n ** 38n - 1n)
          const value = found[at] === 'refused' ? 'refused' : exactNumber(found[at]!, scale)
          expect([text, value]).toEqual([text, isGood ? exact : 'refused'])
        }
      }
      expect(found.filter((value) => value !== 'refused').length).toBeGreaterThan(RUNS / 20)
    })

    it('are exact integers of 64 bits, or refused', async () => {
      const texts = [
        ...fc.sample(numberTexts, { seed, numRuns: RUNS }),
        ...LIMITS.map(String),
        '5.0',
        '5e0',
        '1.5e3',
        '5.5',
      ]
      const found = await valuesOf(INTEGER, texts)
      for (const [at, text] of texts.entries()) {
        const exact = exactNumber(text, 0)
        const isGood = isWithin(exact, -(2n ** 63n), 2n ** 63n - 1n)
        const expected = /^[ \t\r\n]*$/.test(text) ? null : isGood ? String(exact) : 'refused'
        expect([text, found[at]]).toEqual([text, expected])
      }
    })

    it('are the doubles that JavaScript reads, or refused', async () => {
      const doubles = fc
        .sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { seed, numRuns: RUNS })
        .map(String)
      const bad = [
        'NaN',
        'nan',
        'inf',
        '-inf',
        'Infinity',
        '0x10',
        '1_000',
        '1e',
        'e5',
        '.',
        '-',
        '1.2.3',
        '1e400',
        '-1e999',
        '--1',
      ]
      const good = [
        '1e-400',
        '.5',
        '5.',
        '+5',
        '-0',
        '0e999',
        '1E+5',
        '4.9e-324',
        '2.2250738585072011e-308',
        '1.7976931348623157e308',
      ]
      const hard = [
        '9007199254740993',
        '0.1000000000000000055511151231257827021181583404541015625',
        '8.5e22',
        '1e23',
        '123456789012345678901234567890',
      ]
      const texts = [...doubles, ...bad, ...good, ...hard, ...fc.sample(numberTexts, { seed, numRuns: RUNS })]
      const found = await valuesOf(NUMBER, texts)
      for (const [at, written] of texts.entries()) {
        const text = written.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
        if (text === '') expect(found[at]).toBeNull()
        else {
          const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))
          const value = found[at] === 'refused' ? 'refused' : Number(found[at])
          expect([text, value]).toEqual([text, isNumber ? Number(text) : 'refused'])
        }
      }
    })

    it('are rounded half away from zero where that is asked for', async () => {
      const rounded: [string, string][] = [
        ['1.00005', '1.0001'],
        ['-1.00005', '-1.0001'],
        ['1.00004999', '1'],
        ['9.99995', '10'],
        ['-0.00004', '0'],
        ['0.00005', '0.0001'],
        ['123456e-8', '0.0012'],
        ['9999999999999999999999999999999999.9999', '9999999999999999999999999999999999.9999'],
        ['9999999999999999999999999999999999.99995', 'refused'],
        ['1e40', 'refused'],
        ['abc', 'refused'],
      ]
      await expectValues(decimal(4), rounded, { scale: 'round' })
      await expectValues(
        decimal(0),
        [
          ['2.5', '3'],
          ['-2.5', '-3'],
          ['0.4', '0'],
          ['99.5', '100'],
        ],
        { scale: 'round' },
      )
      await expectValues(decimal(4), [
        ['1.00005', 'refused'],
        ['1.50000', '1.5'],
      ])
    })

    it('are read as in accounting where that is asked for', async () => {
      const numbers: [string, string][] = [
        ['$1,234.50', '1234.5'],
        ['(45.00)', '-45'],
        ['($45.00)', '-45'],
        ['$(45.00)', '-45'],
        ['$ ( 45.00 )', '-45'],
        ['45.00-', '-45'],
        ['45.00 €', '45'],
        ['-€ 45', '-45'],
        ['€-45', '-45'],
        ['CHF 1,000', '1000'],
        ['1,000 USD', '1000'],
        ['¥5', '5'],
        ['12.5', '12.5'],
        ['(45.00', 'refused'],
        ['45.00)', 'refused'],
        ['(-45.00)', 'refused'],
        ['-45.00-', 'refused'],
        ['$45 USD', 'refused'],
        ['45%', 'refused'],
        ['$', 'refused'],
        ['()', 'refused'],
        ['XAU 5', 'refused'],
      ]
      await expectValues(decimal(4), numbers, { numberStyle: 'accounting', thousandsSeparator: ',' })
      const [outcome] = await engine.outcomes(decimal(4), ['$5'])
      expect(outcome).toEqual({ reason: expect.stringContaining('numberStyle=accounting') })
      const german = { numberStyle: 'accounting', thousandsSeparator: '.', decimalSeparator: ',' } as const
      await expectValues(
        decimal(4),
        [
          ['(1.234,50 €)', '-1234.5'],
          ['1.234,50-', '-1234.5'],
        ],
        german,
      )
    })
  })

  it('are booleans in any case, or refused', async () => {
    const yes = ['true', 'TRUE', 'T', 't', 'Yes', 'y', '1', ' true ']
    const no = ['false', 'False', 'F', 'f', 'NO', 'n', '0']
    const bad = ['2', 'on', 'off', 'truee', '1.0', 'ja', '-1', 'null']
    await expectValues(BOOLEAN, [
      ...yes.map((text): [string, string] => [text, 'true']),
      ...no.map((text): [string, string] => [text, 'false']),
      ...bad.map((text): [string, string] => [text, 'refused']),
      ['', null],
    ])
  })

  describe('timestamps', () => {
    it.each(ZONES)('are the moments that they say, or refused, in %s', async (timezone) => {
      const texts = fc.sample(timestampTexts, { seed, numRuns: RUNS })
      const found = await valuesOf(TIMESTAMP, texts, { timezone })
      const expected = texts.map((text) => momentOf(text, timezone))
      expect(found.map((value, at) => [texts[at], value])).toEqual(expected.map((value, at) => [texts[at], value]))
      expect(expected.filter((value) => value !== 'refused').length).toBeGreaterThan(RUNS / 20)
    })

    it('that a zone leaves out are refused with its name, and of two the earlier one is taken', async () => {
      const berlin: FileOptions = { timezone: 'Europe/Berlin' }
      await expectValues(
        TIMESTAMP,
        [
          ['2024-03-31 01:59:59', '2024-03-31 00:59:59.000'],
          ['2024-03-31 02:00', 'refused'],
          ['2024-03-31 02:59:59.999', 'refused'],
          ['2024-03-31 03:00', '2024-03-31 01:00:00.000'],
          ['2024-10-27 02:30', '2024-10-27 00:30:00.000'],
          ['2024-10-27 03:00', '2024-10-27 02:00:00.000'],
          ['2024-03-31 02:30Z', '2024-03-31 02:30:00.000'],
        ],
        berlin,
      )
      const [gap] = await engine.outcomes(TIMESTAMP, ['2024-03-31 02:30'], berlin)
      expect(gap).toEqual({ reason: expect.stringContaining('does not exist in Europe/Berlin') })
      await expectValues(
        TIMESTAMP,
        [
          ['2011-12-29 23:59', '2011-12-30 09:59:00.000'],
          ['2011-12-30 12:00', 'refused'],
          ['2011-12-31 00:00', '2011-12-30 10:00:00.000'],
        ],
        { timezone: 'Pacific/Apia' },
      )
      await expectValues(
        TIMESTAMP,
        [
          ['2024-10-06 02:15', 'refused'],
          ['2024-10-06 02:30', '2024-10-05 15:30:00.000'],
          ['2024-04-07 01:45', '2024-04-06 14:45:00.000'],
        ],
        { timezone: 'Australia/Lord_Howe' },
      )
    })

    it('of the first and the last year are those of UTC, whatever day the text says', async () => {
      await expectValues(
        TIMESTAMP,
        [
          ['1899-12-31 19:00', '1900-01-01 00:00:00.000'],
          ['1899-12-31 18:59:59.999', 'refused'],
          ['1899-12-30 23:00', 'refused'],
          ['1899-12-31', 'refused'],
          ['2299-12-31 18:59:59.9999', '2299-12-31 23:59:59.999'],
          ['2299-12-31 19:00', 'refused'],
        ],
        { timezone: 'Etc/GMT+5' },
      )
      await expectValues(
        TIMESTAMP,
        [
          ['2300-01-01 04:59:59.999', '2299-12-31 23:59:59.999'],
          ['2300-01-01', '2299-12-31 19:00:00.000'],
          ['2300-01-01 05:00', 'refused'],
          ['2300-01-02 00:00', 'refused'],
          ['1900-01-01 04:59', 'refused'],
        ],
        { timezone: 'Etc/GMT-5' },
      )
      await expectValues({ ...TIMESTAMP, format: 'D MMM YYYY HH:mm Z' }, [
        ['31 Dec 1899 23:00 -0530', '1900-01-01 04:30:00.000'],
        ['1 Jan 2300 01:00 +0530', '2299-12-31 19:30:00.000'],
        ['32 Dec 1899 23:00 -0530', 'refused'],
        ['1 Jan 2300 01:00 Z', 'refused'],
      ])
    })

    it('are read by their format', async () => {
      const us = { ...TIMESTAMP, format: 'M/D/YYYY h:mm A' }
      await expectValues(us, [
        ['3/1/2024 12:05 AM', '2024-03-01 00:05:00.000'],
        ['3/1/2024 12:05 pm', '2024-03-01 12:05:00.000'],
        ['3/1/2024 1:05 PM', '2024-03-01 13:05:00.000'],
        ['2/30/2024 1:05 PM', 'refused'],
        ['3/1/2024 13:05 PM', 'refused'],
        ['2024-03-01', 'refused'],
      ])
      const zoned = { ...TIMESTAMP, format: 'D MMM YYYY HH:mm:ss.SSS Z', timezone: 'Europe/Berlin' }
      await expectValues(zoned, [
        ['1 Mar 2024 10:00:00.250 +0530', '2024-03-01 04:30:00.250'],
        ['1 Sept 2024 10:00:00.250 Z', '2024-09-01 10:00:00.250'],
        ['1 Mrz 2024 10:00:00.250 Z', 'refused'],
      ])
      await expectValues({ ...TIMESTAMP, format: 'X' }, [
        ['1709251200', '2024-03-01 00:00:00.000'],
        ['1709251200.5', '2024-03-01 00:00:00.500'],
        ['-1.9999', '1969-12-31 23:59:58.001'],
        ['99999999999', 'refused'],
        ['1e9', 'refused'],
        ['', null],
      ])
      await expectValues({ ...TIMESTAMP, format: 'x' }, [
        ['1709251200123', '2024-03-01 00:00:00.123'],
        ['-2208988800000', '1900-01-01 00:00:00.000'],
        ['-2208988800001', 'refused'],
        ['10413791999999', '2299-12-31 23:59:59.999'],
        ['10413792000000', 'refused'],
      ])
    })
  })

  it('take the texts of nullValues as none, in every type', async () => {
    const options: FileOptions = { nullValues: ['NA', ' - ', 'n/a'] }
    for (const each of [INTEGER, NUMBER, BOOLEAN, DATE, TIMESTAMP, decimal(4)])
      await expectValues(
        each,
        [
          ['NA', null],
          [' - ', null],
          ['n/a', null],
          ['na', 'refused'],
          ['', null],
        ],
        options,
      )
    await expectValues(
      column('text', 'String'),
      [
        ['NA', ''],
        [' NA ', ''],
        ['na', 'na'],
        ['N/A', 'N/A'],
      ],
      options,
    )
    await expectValues(
      { ...INTEGER, required: true },
      [
        ['NA', 'refused'],
        ['1', '1'],
      ],
      options,
    )
    expect(await engine.outcomes({ ...INTEGER, required: true }, ['NA'], options)).toEqual([{ reason: 'is required' }])
  })

  it('are read by the dateFormat of the file unless they declare one', async () => {
    const options: FileOptions = { dateFormat: 'D.M.YYYY' }
    await expectValues(
      DATE,
      [
        ['1.3.2024', '2024-03-01'],
        ['2024-03-01', 'refused'],
      ],
      options,
    )
    await expectValues(TIMESTAMP, [['1.3.2024', '2024-03-01 00:00:00.000']], options)
    await expectValues(
      { ...DATE, format: 'M/D/YYYY' },
      [
        ['3/1/2024', '2024-03-01'],
        ['1.3.2024', 'refused'],
      ],
      options,
    )
    await expectValues(DATE, [['2024-03-01', '2024-03-01']], { dateFormat: 'X' })
  })

  it('may have any name', async () => {
    const names = ['f0', 'text_f0', 'value_x', 'order', 'from', 'parts', 'digits', 'fraction', 'point', 'p0', 'select']
    const columns = names.map((name): ColumnDefinition => ({ ...INTEGER, column: name, member: name }))
    const [row] = await engine.rows(columns, [names.map((_name, at) => `${at}.0e0`)])
    expect(row).toEqual({ values: names.map((_name, at) => String(at)), reason: undefined })
  })
})
