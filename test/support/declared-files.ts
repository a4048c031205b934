import { parquetWriteBuffer } from 'hyparquet-writer'
import { asFile, type ValueFormat } from './exact-values.js'
import { decimalText, printed, type Cell, type ValueType } from './declared-values.js'
import type { DeclaredFixture, Row } from './declared-fixtures.js'
import type { SeededRandom } from '../../tools/generator/random.js'

/** Rows of a dataset as a file, each value written in one of the ways that its type has. */
export function fileOf(
  { declaration }: DeclaredFixture,
  rows: Row[],
  format: ValueFormat,
  random: SeededRandom,
): Buffer {
  const { columns } = declaration
  if (format === 'parquet') return parquetOf(columns, rows)
  const header = columns.map(({ name, source = name }) => source)
  const texts = rows.map((row) => columns.map(({ name, type }) => written(row[name]!, type, random)))
  return asFile({ header, rows: texts }, format)
}

function written(value: Cell, type: ValueType, random: SeededRandom): string {
  if (value === null) return ''
  if (type === 'boolean')
    return value ? random.pick(['true', 'T', 'yes', 'Y', '1']) : random.pick(['false', 'f', 'NO', 'n', '0'])
  if (type === 'timestamp') return momentText((value as { ms: number }).ms, random)
  if (type === 'integer' || type === 'decimal') return numberText(decimalText(value as never), random)
  if (typeof value === 'object' && 'double' in value && Object.is(value.double, -0)) return '-0'
  return printed(value)!
}

function numberText(text: string, random: SeededRandom): string {
  if (!random.chance(0.1)) return text
  return text.includes('.') ? `${text}e0` : `${text}.0`
}

function momentText(ms: number, random: SeededRandom): string {
  // On a clock elsewhere the first and the last day are others, which no timestamp may have.
  const isFar = ms < 0 || ms > Date.UTC(2200, 0)
  if (isFar || random.chance(0.8)) return new Date(ms).toISOString()
  const [sign, hours] = random.pick([
    ['+', 2],
    ['-', 5],
  ] as const)
  const there = new Date(ms + (sign === '+' ? 1 : -1) * hours * 3_600_000)
  return `${there.toISOString().slice(0, -1).replace('T', ' ')}${sign}0${hours}:00`
}

/** Texts, whole numbers, doubles and booleans in Parquet's own types, the others as text. */
function parquetOf(columns: DeclaredFixture['declaration']['columns'], rows: Row[]): Buffer {
  const columnData = columns.map(({ name, source = name, type }) => {
    const values = rows.map((row) => row[name]!)
    if (type === 'boolean') return { name: source, type: 'BOOLEAN' as const, data: values }
    if (type === 'number')
      return {
        name: source,
        type: 'DOUBLE' as const,
        data: values.map((value) => (value as { double: number } | null)?.double ?? null),
      }
    if (type === 'integer')
      return {
        name: source,
        type: 'INT64' as const,
        data: values.map((value) => (value as { units: bigint } | null)?.units ?? null),
      }
    return { name: source, type: 'STRING' as const, data: values.map(printed) }
  })
  return Buffer.from(parquetWriteBuffer({ columnData }))
}

interface Kept {
  row: Row
  load: number
}

/** What a dataset holds after loads: the last row of each key, or every row, in the order in which they were loaded. */
export class LoadedRows {
  private readonly kept = new Map<string, Kept>()
  private loads = 0
  private rowsEver = 0

  constructor(private readonly key: string[]) {}

  /** The number of the load. */
  load(rows: Row[]): number {
    const load = this.loads++
    for (const row of rows) {
      const identity =
        this.key.length > 0 ? JSON.stringify(this.key.map((name) => printed(row[name]!))) : `#${this.rowsEver++}`
      // A row that is sent again is the newest one.
      this.kept.delete(identity)
      this.kept.set(identity, { row, load })
    }
    return load
  }

  /** Its rows are gone, and do not bring back those that they replaced. */
  delete(load: number): void {
    for (const [identity, kept] of this.kept) if (kept.load === load) this.kept.delete(identity)
  }

  get rows(): Row[] {
    return [...this.kept.values()].map(({ row }) => row)
  }
}
