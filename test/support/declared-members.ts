import {
  compareCells,
  divided,
  exact,
  plus,
  printed,
  type Cell,
  type Exact,
  type ValueType,
} from './declared-values.js'
import type { FixtureDeclaration, FixtureMeasure, Row } from './declared-fixtures.js'

// An independent reading of docs/datasets.md, "Measures".

/** What a query can name. */
export interface OracleMember {
  name: string
  type: ValueType
  scale: number
  isMeasure: boolean
  /** a sum of doubles that depends on the order in which they are added */
  isRough: boolean
}

export class OracleMembers {
  private readonly byName = new Map<string, OracleMember>()
  private readonly measures = new Map<string, FixtureMeasure>([['rows', { name: 'rows', type: 'count' }]])

  /** @param rough columns whose doubles add up to other ones in another order */
  constructor(
    private readonly declaration: FixtureDeclaration,
    private readonly rough: string[],
  ) {
    for (const { name, type, scale = type === 'decimal' ? 4 : 0 } of declaration.columns)
      this.byName.set(name, { name, type, scale, isMeasure: false, isRough: false })
    for (const measure of declaration.measures) this.measures.set(measure.name, measure)
    const isRatio = ({ type }: FixtureMeasure) => type === 'ratio'
    const all = [...this.measures.values()]
    for (const measure of [...all.filter((each) => !isRatio(each)), ...all.filter(isRatio)])
      this.byName.set(measure.name, { name: measure.name, isMeasure: true, ...this.kindOf(measure) })
  }

  get(name: string): OracleMember {
    const member = this.byName.get(name)
    if (!member) throw new Error(`the oracle has no member ${name}`)
    return member
  }

  get all(): OracleMember[] {
    return [...this.byName.values()]
  }

  private kindOf(measure: FixtureMeasure): Pick<OracleMember, 'type' | 'scale' | 'isRough'> {
    const { type, column } = measure
    if (/count/i.test(type)) return { type: 'integer', scale: 0, isRough: false }
    if (type === 'ratio') {
      const [over, under] = [this.get(measure.numerator!), this.get(measure.denominator!)]
      return quotientKind(over, over.type === 'number' || under.type === 'number', true)
    }
    const of = this.get(column!)
    const isRough = this.rough.includes(of.name) && (type === 'sum' || type === 'avg')
    if (type === 'avg') return quotientKind(of, of.type === 'number', isRough)
    return { type: of.type, scale: of.scale, isRough }
  }

  /** The measure over the rows of a group; `isCounted` tells whether a row meets the measure's filters. */
  compute(name: string, rows: Row[], isCounted: (filters: FixtureMeasure['filters'], row: Row) => boolean): Cell {
    const measure = this.measures.get(name)!
    if (measure.type === 'ratio') {
      const value = (of: string) => this.compute(of, rows, isCounted)
      return ratio(value(measure.numerator!), value(measure.denominator!), this.get(name))
    }
    const counted = measure.filters ? rows.filter((row) => isCounted(measure.filters, row)) : rows
    return this.aggregate(measure, counted)
  }

  private aggregate(measure: FixtureMeasure, rows: Row[]): Cell {
    const { type, column, by, level } = measure
    if (type === 'latest') return this.latest(rows, column!, by!)
    const values = column ? rows.map((row) => row[column]!).filter(isValue) : rows
    if (type === 'count') return exact(BigInt(values.length))
    return aggregateOf(type, values as NonNullable<Cell>[], this.get(measure.name), this.get(column!).type, level)
  }

  /** Of the rows in the order in which they were loaded. */
  private latest(rows: Row[], column: string, by: string): Cell {
    const key = this.declaration.key ?? []
    const isNotOlder = (a: Row, b: Row) => {
      const orders = [by, ...key].map((name) => compareCells(a[name]!, b[name]!))
      return (orders.find((order) => order !== 0) ?? 0) >= 0
    }
    const ordered = rows.filter((row) => isValue(row[by]!))
    const none = this.get(column).type === 'text' ? '' : null
    if (ordered.length === 0) return none
    return ordered.reduce((latest, row) => (isNotOlder(row, latest) ? row : latest))[column]!
  }
}

function isValue(value: Cell): value is NonNullable<Cell> {
  return value !== null && value !== ''
}

function quotientKind({ scale }: { scale: number }, isDouble: boolean, isRough: boolean) {
  if (isDouble) return { type: 'number' as const, scale: 0, isRough }
  return { type: 'decimal' as const, scale: Math.max(8, scale + 4), isRough: false }
}

function aggregateOf(
  type: string,
  values: NonNullable<Cell>[],
  member: OracleMember,
  columnType: ValueType,
  level?: number,
): Cell {
  switch (type) {
    case 'sum':
      return columnType === 'number' ? { double: added(values) } : total(values, member.scale)
    case 'avg':
      if (values.length === 0) return null
      if (columnType === 'number') return { double: added(values) / values.length }
      return divided(total(values, 0), exact(BigInt(values.length)), member.scale)
    case 'countDistinct':
    case 'approxCountDistinct':
      return exact(BigInt(new Set(values.map(printed)).size))
    case 'min':
    case 'max':
    case 'quantile': {
      const sorted = [...values].sort(compareCells)
      const last = sorted.length - 1
      const place = type === 'min' ? 0 : type === 'max' ? last : placeOf(level!, sorted.length)
      return sorted[place] ?? (columnType === 'text' ? '' : null)
    }
    default:
      throw new Error(`the oracle does not know ${type}`)
  }
}

function placeOf(level: number, count: number): number {
  if (level === 0.5) return Math.ceil(count / 2) - 1
  return level < 1 ? Math.floor(level * count) : count - 1
}

function added(values: NonNullable<Cell>[]): number {
  return values.reduce((sum, value) => sum + (value as { double: number }).double, 0)
}

function total(values: NonNullable<Cell>[], scale: number): Exact {
  return values.reduce<Exact>((sum, value) => plus(sum, value as Exact), exact(0n, scale))
}

function ratio(over: Cell, under: Cell, { type, scale }: OracleMember): Cell {
  if (over === null || under === null || numberOf(under) === 0) return null
  const quotient = numberOf(over) / numberOf(under)
  if (type === 'number') return Number.isFinite(quotient) ? { double: quotient } : null
  return divided(over as Exact, under as Exact, scale)
}

function numberOf(value: NonNullable<Cell>): number {
  return Number(printed(value))
}
