import type { ColumnDefinition, DatasetDefinition } from '../../datasets/dataset-definition.js'
import type { FileOptions } from '../../datasets/file-options.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { PLACEHOLDER } from '../formats/record-source.js'
import { amountRules } from './amount-rules.js'
import type { ColumnSteps } from './column-steps.js'
import { anyOf } from './conditions.js'
import { columnTransform } from './column-transform.js'
import { fieldColumn, textName, valueName } from './internal-names.js'
import { mappedSource, type Mapping } from './mapping.js'
import { nullValueCondition } from './null-values.js'
import { OddNumbers } from './number-text.js'
import type { RowCheck, RowReason } from './row-check.js'
import { fieldsOfSource, type ResolvedMapping, type ResolvedSource } from './source-header.js'
import { sqlText } from './sql-text.js'
import { sourceText } from './source-text.js'
import { valueOptionsOf, type ValueOptions } from './value-options.js'

/**
 * The rules of one file as SQL: text fields in, typed and checked rows out, all evaluated by ClickHouse a block at a time.
 * Every row gets a code: 0 when good, PLACEHOLDER_CODE for a record whose shape was wrong, else 1 + the index in `reasons`.
 */
export interface RowTransform {
  /** SELECT list with its WITH clause over `from`: the dataset's members, then `_code` and `_ambiguous` */
  select: string
  /** FROM's part of the statement: the raw table with all of its columns, and the texts read from them */
  from: (rawTable: string) => string
  reasons: RowReason[]
  /** columns in the order of the bits of `_ambiguous`: numbers whose format was not specified */
  ambiguousColumns: string[]
  /** columns of dates whose day and month might be meant the other way around */
  swappableDates: SwappableDates[]
  /** fields whose texts have decimal commas */
  commaNumbers: Set<number>
}

export interface SwappableDates {
  column: string
  member: string
  format: string
  /** of timestamps: the zone that they were written in */
  timezone: string | undefined
}

/** Fields whose values have types of their own in the file, so that no options say how they are written. */
export interface TypedFields {
  numericFields?: ReadonlySet<number>
  /** dates and times, which come as ISO */
  temporalFields?: ReadonlySet<number>
}

/** One column with where its values come from and how they are written. */
interface ReadColumn {
  definition: ColumnDefinition
  source: ResolvedSource
  options: ValueOptions
  transform: ColumnSteps
}

export const PLACEHOLDER_CODE = 65_535
/** bits of `_ambiguous` */
const MAX_AMBIGUITY_CHECKS = 64
const NUMBER_TYPES = ['integer', 'decimal', 'number']

/** `options`: those of the upload over those of the dataset. */
export function compileRowTransform(
  dataset: DatasetDefinition,
  mapping: Mapping,
  sources: ResolvedMapping,
  options: FileOptions = {},
  typed: TypedFields = {},
): RowTransform {
  const odd = new OddNumbers()
  const columns = dataset.columns.map((definition): ReadColumn => {
    const source = sources.get(definition.column) ?? { kind: 'absent' }
    const isIn = (fields?: ReadonlySet<number>): boolean =>
      source.kind === 'field' && fields?.has(source.field) === true
    const fieldType = { isNumeric: isIn(typed.numericFields), isTemporal: isIn(typed.temporalFields) }
    const valueOptions = valueOptionsOf(definition, mappedSource(mapping, definition.column), options, fieldType)
    const text = sourceText(source, nullValueCondition(valueOptions.nullValues))
    const transform = columnTransform(definition, text, valueOptions, odd)
    return { definition, source, options: valueOptions, transform }
  })
  const amounts = amountRules(dataset)
  const checks = [...columns.flatMap(({ transform }) => transform.checks), ...amounts.checks]
  const values = [...columns.flatMap(({ transform }) => transform.values), ...amounts.aliases]
  const members = dataset.columns.map(
    (column) => `${amounts.values.get(column.member) ?? valueOf(column)} AS ${identifier(column.member)}`,
  )
  const ambiguous = ambiguousNumbers(columns, typed.numericFields)
  const read = [...columns.flatMap(({ transform }) => transform.read), ...odd.texts()]
  const steps = together([[read, odd.steps()], ...columns.map(({ transform }) => [[], ...(transform.steps ?? [])])])
  return {
    select: `${values.length > 0 ? `WITH ${values.join(',\n')}\n` : ''}SELECT ${members.join(',\n')},\n${codeExpression(checks)} AS _code,\n${bitsOf(ambiguous)} AS _ambiguous`,
    // In subqueries, since ClickHouse puts the expression of an alias wherever its name stands.
    from: (rawTable) => steps.reduce((from, names) => `(SELECT *,\n${names.join(',\n')}\nFROM ${from})`, rawTable),
    reasons: checks.flatMap(reasonsOf),
    ambiguousColumns: ambiguous.map(({ definition }) => definition.column),
    swappableDates: columns.flatMap(({ definition: { column, member }, transform: { swappable } }) =>
      swappable ? [{ column, member, ...swappable }] : [],
    ),
    commaNumbers: withoutShared(commaFields(columns), sources),
  }
}

/** The first steps of all in one, then the second ones, and so on. */
function together(all: string[][][]): string[][] {
  const most = Math.max(...all.map((steps) => steps.length))
  const levels = Array.from({ length: most }, (_, level) => all.flatMap((steps) => steps[level] ?? []))
  return levels.filter((names) => names.length > 0)
}

function commaFields(columns: ReadColumn[]): Set<number> {
  return new Set(
    columns.flatMap(({ definition, source, options }) => {
      const hasComma = NUMBER_TYPES.includes(definition.type) && options.numbers.decimalSeparator === ','
      return hasComma && source.kind === 'field' ? [source.field] : []
    }),
  )
}

/** A field that another column reads too must reach it as it is. */
function withoutShared(fields: Set<number>, sources: ResolvedMapping): Set<number> {
  const uses = [...sources.values()].flatMap(fieldsOfSource)
  return new Set([...fields].filter((field) => uses.indexOf(field) === uses.lastIndexOf(field)))
}

/** Columns whose numbers may mean something else than they were read as, since nobody said how they are written. */
function ambiguousNumbers(columns: ReadColumn[], numericFields?: ReadonlySet<number>): ReadColumn[] {
  return columns
    .filter(({ source, options, transform: { ambiguity } }) => {
      const isNumeric = source.kind === 'field' && numericFields?.has(source.field)
      return ambiguity !== undefined && !isNumeric && options.isUnspecified && source.kind !== 'absent'
    })
    .slice(0, MAX_AMBIGUITY_CHECKS)
}

/** A bit for each of the columns. */
function bitsOf(ambiguous: ReadColumn[]): string {
  const bits = ambiguous.map(({ transform }, at) => `bitShiftLeft(toUInt64(${transform.ambiguity}), ${at})`)
  return bits.length > 0 ? anyOf(bits) : 'toUInt64(0)'
}

function valueOf({ member, type, nullable }: ColumnDefinition): string {
  if (type === 'text') return textName(member)
  const value = valueName(member)
  if (nullable) return value
  switch (type) {
    case 'date':
      return `ifNull(${value}, toDate32('1970-01-01'))`
    case 'timestamp':
      return `ifNull(${value}, toDateTime64(0, 3, 'UTC'))`
    case 'boolean':
      return `ifNull(${value}, false)`
    default:
      return `ifNull(${value}, 0)`
  }
}

/** In the order of their codes. */
function reasonsOf({ column, message, closer = [] }: RowCheck): RowReason[] {
  return [...closer, { message }].map((reason) => ({ column, message: reason.message }))
}

function codeExpression(checks: RowCheck[]): string {
  const isPlaceholder = `${fieldColumn(0)} = ${sqlText(PLACEHOLDER)}`
  let code = 0
  const branches = checks.map(({ condition, closer = [] }) => {
    const branch = closer.map((reason) => `${reason.condition}, ${++code}`)
    return `${condition}, ${branch.length > 0 ? `multiIf(${branch.join(', ')}, ${++code})` : ++code}`
  })
  const which = `multiIf(${isPlaceholder}, ${PLACEHOLDER_CODE}, ${[...branches, ''].join(',\n')}0)`
  // Nearly every row is good: which rule is broken is worked out only for those that break one.
  const isBad = anyOf([isPlaceholder, ...checks.map(({ condition }) => `ifNull(${condition}, 0)`)])
  return `toUInt16(if(${isBad}, ${which}, 0))`
}
