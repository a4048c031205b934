import type { ColumnDefinition, DatasetDefinition } from '../../datasets/dataset-definition.js'
import { PLACEHOLDER } from '../formats/record-source.js'
import { amountRules } from './amount-rules.js'
import { columnTransform } from './column-transform.js'
import type { ColumnSource, Mapping } from './mapping.js'
import { isUnspecified, numberFormatOf, type NumberOptions } from './number-format.js'
import { fieldColumn, type RowCheck, type RowReason } from './row-check.js'
import { fieldsOfSource, type ResolvedMapping } from './source-header.js'
import { sqlText } from './sql-text.js'
import { sourceText } from './source-text.js'

/**
 * The rules of one file as SQL: text fields in, typed and checked rows out, all evaluated by ClickHouse a block at a time.
 * Every row gets a code: 0 when good, PLACEHOLDER_CODE for a record whose shape was wrong, else 1 + the index in `reasons`.
 */
export interface RowTransform {
  /** SELECT list with its WITH clause: the dataset's members, then `_code` and `_ambiguous` */
  select: string
  reasons: RowReason[]
  /** columns in the order of the bits of `_ambiguous`: numbers whose format was not specified */
  ambiguousColumns: string[]
  /** fields whose texts have decimal commas */
  commaNumbers: Set<number>
}

interface AmbiguityCheck {
  column: string
  condition: string
}

export const PLACEHOLDER_CODE = 65_535
/** bits of `_ambiguous` */
const MAX_AMBIGUITY_CHECKS = 64

export function compileRowTransform(
  dataset: DatasetDefinition,
  mapping: Mapping,
  sources: ResolvedMapping,
  options: NumberOptions = {},
  numericFields: ReadonlySet<number> = new Set(),
): RowTransform {
  const aliases: string[] = []
  const checks: RowCheck[] = []
  const ambiguousValues: AmbiguityCheck[] = []
  const commaNumbers = new Set<number>()
  for (const column of dataset.columns) {
    const resolved = sources.get(column.column) ?? { kind: 'absent' }
    const source = mapping[column.column]
    const isNumeric = resolved.kind === 'field' && numericFields.has(resolved.field)
    const specified = isNumeric ? [] : numberOptions(source, options)
    const numbers = numberFormatOf(...specified)
    const transform = columnTransform(column, sourceText(resolved), source?.format, numbers)
    if (resolved.kind === 'field' && isNumber(column) && numbers.decimalSeparator === ',')
      commaNumbers.add(resolved.field)
    const { ambiguity } = transform
    if (ambiguity && !isNumeric && isUnspecified(...specified) && ambiguousValues.length < MAX_AMBIGUITY_CHECKS)
      ambiguousValues.push({ column: column.column, condition: ambiguity })
    aliases.push(...transform.aliases)
    checks.push(...transform.checks)
  }
  const amounts = amountRules(dataset)
  aliases.push(...amounts.aliases)
  checks.push(...amounts.checks)
  const members = dataset.columns.map(
    (column) => `${amounts.values[column.member] ?? valueOf(column)} AS ${column.member}`,
  )
  return {
    select: `WITH ${aliases.join(',\n')}\nSELECT ${members.join(',\n')},\n${codeExpression(checks)} AS _code,\n${ambiguityExpression(ambiguousValues)} AS _ambiguous`,
    reasons: checks.flatMap(reasonsOf),
    ambiguousColumns: ambiguousValues.map(({ column }) => column),
    commaNumbers: withoutShared(commaNumbers, sources),
  }
}

function isNumber({ type }: ColumnDefinition): boolean {
  return type === 'decimal' || type === 'integer'
}

/** A field that another column reads too must reach it as it is. */
function withoutShared(fields: Set<number>, sources: ResolvedMapping): Set<number> {
  const uses = [...sources.values()].flatMap(fieldsOfSource)
  return new Set([...fields].filter((field) => uses.indexOf(field) === uses.lastIndexOf(field)))
}

/** The specified formats of a column's numbers. A constant is no value of the file, so the file's options do not count. */
function numberOptions(source: ColumnSource | undefined, options: NumberOptions): NumberOptions[] {
  return source && 'value' in source ? [source] : [options, source ?? {}]
}

/** A bit for each column whose value may mean something else than it was read as. */
function ambiguityExpression(ambiguousValues: AmbiguityCheck[]): string {
  const bits = ambiguousValues.map(({ condition }, at) => `bitShiftLeft(toUInt64(${condition}), ${at})`)
  return bits.reduce((all, bit) => `bitOr(${all}, ${bit})`, 'toUInt64(0)')
}

function valueOf({ member, type, nullable }: ColumnDefinition): string {
  if (type === 'text') return `text_${member}`
  if (nullable) return `value_${member}`
  return type === 'date' ? `ifNull(value_${member}, toDate32('1970-01-01'))` : `ifNull(value_${member}, 0)`
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
  const which = `multiIf(${isPlaceholder}, ${PLACEHOLDER_CODE}, ${branches.join(',\n')}, 0)`
  // Nearly every row is good: which rule is broken is worked out only for those that break one. bitOr and not OR, which
  // would pick out, before each condition, the rows that the ones before it leave open: that costs more than they do.
  const isBad = checks.reduce((any, { condition }) => `bitOr(${any}, ifNull(${condition}, 0))`, isPlaceholder)
  return `toUInt16(if(${isBad}, ${which}, 0))`
}
