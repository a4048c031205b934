import { Box, NativeSelect, SimpleGrid } from '@mantine/core'
import { FieldError } from '../components/field-error'
import { DateRangeInput, DaysInput } from './date-range-input'
import type { Condition, FilterMember, FilterValue } from './filter'
import { findOperator, operatorsFor } from './operators'
import { ValuesInput } from './values-input'

interface FilterRowProps {
  /** names it in the labels of its fields */
  label: string
  members: FilterMember[]
  condition: Condition
  hasRelativeRanges: boolean
  /** whose values are offered; undefined: none are */
  dataset: string | undefined
  errors: Partial<Record<'member' | 'operator' | 'values', string>>
  onChange: (condition: Condition) => void
}

export function FilterRow(props: FilterRowProps) {
  const { label, members, condition, hasRelativeRanges, dataset, errors, onChange } = props
  const { member: name, operator } = condition
  const member = members.find((each) => each.name === name)
  const operators = member ? operatorsFor(member.type) : []
  const chooseMember = (next: string) => {
    const first = operatorsFor(members.find((each) => each.name === next)!.type)[0]!
    onChange({ member: next, operator: first.name, ...(first.values !== 'none' && { values: [] }) })
  }
  const chooseOperator = (next: Condition['operator']) => {
    const values = findOperator(next)?.values
    // What was filled in stays where the new operator takes the same.
    const isAlike = values === findOperator(operator)?.values
    onChange({ member: name, operator: next, ...(values !== 'none' && { values: isAlike ? condition.values : [] }) })
  }
  return (
    // What grows is the container around the grid, which has no width of its own.
    <Box className="grows">
      <SimpleGrid type="container" cols={{ base: 1, '420px': 3 }} spacing="xs">
        <NativeSelect
          aria-label={`Member of ${label}`}
          value={name}
          error={errors.member}
          onChange={(event) => chooseMember(event.currentTarget.value)}
          data={[...(member ? [] : [name]), ...choicesOf(members)]}
        />
        <NativeSelect
          aria-label={`Operator of ${label}`}
          value={operator}
          error={errors.operator}
          onChange={(event) => chooseOperator(event.currentTarget.value as Condition['operator'])}
          data={[
            ...(operators.some((each) => each.name === operator) ? [] : [operator]),
            ...operators.map((each) => ({ value: each.name, label: each.label })),
          ]}
        />
        <Values
          label={label}
          member={member}
          condition={condition}
          hasRelativeRanges={hasRelativeRanges}
          dataset={dataset}
          error={errors.values}
          onChange={onChange}
        />
      </SimpleGrid>
    </Box>
  )
}

interface ValuesProps {
  label: string
  member: FilterMember | undefined
  condition: Condition
  hasRelativeRanges: boolean
  dataset: string | undefined
  error: string | undefined
  onChange: (condition: Condition) => void
}

function Values({ label, member, condition, hasRelativeRanges, dataset, error, onChange }: ValuesProps) {
  const { operator, values = [] } = condition
  const set = (next: FilterValue[]) => onChange({ ...condition, values: next })
  const kind = findOperator(operator)?.values ?? 'several'
  if (kind === 'none') return null
  if (kind === 'range')
    return (
      <div>
        <Range label={`Range of ${label}`} values={values.map(String)} isRelative={hasRelativeRanges} onChange={set} />
        <FieldError text={error} />
      </div>
    )
  if (member?.type === 'boolean') return <TrueOrFalse label={label} values={values} error={error} onChange={set} />
  return (
    <ValuesInput
      label={`Values of ${label}`}
      placeholder={values.length === 0 ? PLACEHOLDERS[member?.type ?? 'text'] : kind === 'several' ? 'or…' : undefined}
      source={dataset && member?.type === 'text' ? { dataset, member: member.name } : undefined}
      max={kind === 'one' ? 1 : undefined}
      value={values}
      error={error}
      onChange={set}
    />
  )
}

interface RangeProps {
  label: string
  values: string[]
  isRelative: boolean
  onChange: (values: string[]) => void
}

function Range({ label, values, isRelative, onChange }: RangeProps) {
  if (!isRelative) return <DaysInput label={label} value={values.length > 0 ? values : ['', '']} onChange={onChange} />
  const [first] = values
  return (
    <DateRangeInput
      label={label}
      value={values.length === 1 && !/^\d/.test(first!) ? first : values.length > 0 ? values : undefined}
      onChange={(range) => onChange(typeof range === 'string' ? [range] : (range ?? []))}
    />
  )
}

interface TrueOrFalseProps {
  label: string
  values: FilterValue[]
  error: string | undefined
  onChange: (values: FilterValue[]) => void
}

function TrueOrFalse({ label, values, error, onChange }: TrueOrFalseProps) {
  return (
    <NativeSelect
      aria-label={`Values of ${label}`}
      value={values.length === 1 ? String(values[0]) : ''}
      error={error}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? [] : [value === 'true'])}
      data={[{ value: '', label: values.length > 1 ? 'true or false' : '– choose –' }, 'true', 'false']}
    />
  )
}

const PLACEHOLDERS: Record<FilterMember['type'], string> = {
  text: 'A value, then Enter',
  date: 'YYYY-MM-DD, then Enter',
  timestamp: 'YYYY-MM-DD, then Enter',
  decimal: 'A number, then Enter',
  integer: 'A whole number, then Enter',
  number: 'A number, then Enter',
  boolean: 'true or false',
}

function choicesOf(members: FilterMember[]) {
  const measures = members.filter(({ kind }) => kind === 'measure')
  const others = members.filter(({ kind }) => kind !== 'measure')
  if (measures.length === 0) return itemsOf(others)
  return [
    { group: 'Of the rows', items: itemsOf(others) },
    { group: 'Measures', items: itemsOf(measures) },
  ]
}

function itemsOf(members: FilterMember[]) {
  return members.map(({ name, title }) => ({ value: name, label: title }))
}
