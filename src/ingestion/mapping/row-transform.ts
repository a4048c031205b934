import type { ColumnDefinition, DatasetDefinition } from '../../datasets/dataset-definition.js'
import { PLACEHOLDER } from '../formats/record-source.js'
import { amountRules } from './amount-rules.js'
import { columnProgram } from './column-program.js'
import type { Mapping } from './mapping.js'
import { fieldColumn, type RowCheck } from './row-check.js'
import type { ResolvedMapping } from './source-header.js'
import { sqlText } from './sql-text.js'
import { sourceText } from './source-text.js'

/**
 * The rules of one file as SQL: text fields in, typed and checked rows out, all evaluated by the engine a block at a time.
 * Every row gets a code: 0 when good, PLACEHOLDER_CODE for a record whose shape was wrong, else 1 + the index in `checks`.
 */
export interface RowProgram {
  /** SELECT list with its WITH clause: the dataset's members, then `_code` */
  select: string
  checks: RowCheck[]
}

export const PLACEHOLDER_CODE = 65_535

export function compileRowProgram(dataset: DatasetDefinition, mapping: Mapping, sources: ResolvedMapping): RowProgram {
  const aliases: string[] = []
  const checks: RowCheck[] = []
  for (const column of dataset.columns) {
    const text = sourceText(sources.get(column.column) ?? { kind: 'absent' })
    const program = columnProgram(column, text, mapping[column.column]?.format)
    aliases.push(...program.aliases)
    checks.push(...program.checks)
  }
  const amounts = amountRules(dataset)
  aliases.push(...amounts.aliases)
  checks.push(...amounts.checks)
  const members = dataset.columns.map(
    (column) => `${amounts.values[column.member] ?? valueOf(column)} AS ${column.member}`,
  )
  return {
    select: `WITH ${aliases.join(',\n')}\nSELECT ${members.join(',\n')},\n${codeExpression(checks)} AS _code`,
    checks,
  }
}

function valueOf({ member, type, nullable }: ColumnDefinition): string {
  if (type === 'text') return `text_${member}`
  if (nullable) return `value_${member}`
  return type === 'date' ? `ifNull(value_${member}, toDate32('1970-01-01'))` : `ifNull(value_${member}, 0)`
}

function codeExpression(checks: RowCheck[]): string {
  const isPlaceholder = `${fieldColumn(0)} = ${sqlText(PLACEHOLDER)}`
  const branches = checks.map(({ condition }, index) => `${condition}, ${index + 1}`)
  const which = `multiIf(${isPlaceholder}, ${PLACEHOLDER_CODE}, ${branches.join(',\n')}, 0)`
  // Nearly every row is good: which rule is broken is worked out only for those that break one. bitOr and not OR, which
  // would pick out, before each condition, the rows that the ones before it leave open: that costs more than they do.
  const isBad = checks.reduce((any, { condition }) => `bitOr(${any}, ifNull(${condition}, 0))`, isPlaceholder)
  return `toUInt16(if(${isBad}, ${which}, 0))`
}
