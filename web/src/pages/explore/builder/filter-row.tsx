import { NativeSelect, SimpleGrid, TagsInput } from '@mantine/core'
import { isDimension, isMeasure, type Member } from '../datasets'
import type { Condition, FilterValue } from '../query'
import { DateRangeInput } from './date-range-input'
import { findOperator, operatorsFor } from './operators'

interface FilterRowProps {
  at: number
  members: Member[]
  condition: Condition
  onChange: (condition: Condition) => void
}

export function FilterRow({ at, members, condition, onChange }: FilterRowProps) {
  const { member: name, operator } = condition
  const member = members.find((each) => each.name === name)
  const operators = member ? operatorsFor(member.type) : []
  const label = `filter ${at + 1}`
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
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs" className="grows">
      <NativeSelect
        aria-label={`Member of ${label}`}
        value={name}
        onChange={(event) => chooseMember(event.currentTarget.value)}
        data={[
          ...(member ? [] : [name]),
          { group: 'Of the rows', items: itemsOf(members.filter(isDimension)) },
          ...(members.some(isMeasure) ? [{ group: 'Measures', items: itemsOf(members.filter(isMeasure)) }] : []),
        ]}
      />
      <NativeSelect
        aria-label={`Operator of ${label}`}
        value={operator}
        onChange={(event) => chooseOperator(event.currentTarget.value as Condition['operator'])}
        data={[
          ...(operators.some((each) => each.name === operator) ? [] : [operator]),
          ...operators.map((each) => ({ value: each.name, label: each.label })),
        ]}
      />
      <Values label={label} member={member} condition={condition} onChange={onChange} />
    </SimpleGrid>
  )
}

interface ValuesProps {
  label: string
  member: Member | undefined
  condition: Condition
  onChange: (condition: Condition) => void
}

function Values({ label, member, condition, onChange }: ValuesProps) {
  const { operator, values = [] } = condition
  const set = (next: FilterValue[]) => onChange({ ...condition, values: next })
  const kind = findOperator(operator)?.values ?? 'several'
  if (kind === 'none') return null
  if (kind === 'range') {
    const texts = values.map(String)
    return (
      <DateRangeInput
        label={`Range of ${label}`}
        value={texts.length === 1 && !/^\d/.test(texts[0]!) ? texts[0] : texts.length > 0 ? texts : undefined}
        onChange={(range) => set(typeof range === 'string' ? [range] : (range ?? []))}
      />
    )
  }
  if (member?.type === 'boolean') return <TrueOrFalse label={label} values={values} onChange={set} />
  return (
    <TagsInput
      aria-label={`Values of ${label}`}
      placeholder={values.length === 0 ? PLACEHOLDERS[member?.type ?? 'text'] : kind === 'several' ? 'or…' : undefined}
      maxTags={kind === 'one' ? 1 : undefined}
      value={values.map(String)}
      onChange={set}
      splitChars={['\n', '\t']}
      clearable={false}
    />
  )
}

interface TrueOrFalseProps {
  label: string
  values: FilterValue[]
  onChange: (values: FilterValue[]) => void
}

function TrueOrFalse({ label, values, onChange }: TrueOrFalseProps) {
  return (
    <NativeSelect
      aria-label={`Values of ${label}`}
      value={values.length === 1 ? String(values[0]) : ''}
      onChange={({ currentTarget: { value } }) => onChange(value === '' ? [] : [value === 'true'])}
      data={[{ value: '', label: values.length > 1 ? 'true or false' : '– choose –' }, 'true', 'false']}
    />
  )
}

const PLACEHOLDERS: Record<Member['type'], string> = {
  text: 'A value, then Enter',
  date: 'YYYY-MM-DD, then Enter',
  timestamp: 'YYYY-MM-DD, then Enter',
  decimal: 'A number, then Enter',
  integer: 'A whole number, then Enter',
  number: 'A number, then Enter',
  boolean: 'true or false',
}

function itemsOf(members: Member[]) {
  return members.map(({ name, title }) => ({ value: name, label: title }))
}
