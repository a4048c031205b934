import { Checkbox, Group, MultiSelect, NativeSelect, NumberInput, Stack, TextInput } from '@mantine/core'
import { COMPARE, groupsOf, measuresOf, periodOf, titleOf, type ResultData } from './result-data'
import type { ColumnFormat, ResultView } from './result-view'
import { sidesOf } from './pivot'
import { shownMeasures } from './views-for'
import { isNumber } from './value-format'

interface ViewOptionsProps {
  result: ResultData
  /** as it is shown */
  view: ResultView
  onChange: (view: ResultView) => void
}

/** What a view shows, on which axis, and how its numbers are written. */
export function ViewOptions({ result, view, onChange }: ViewOptionsProps) {
  const { query, members, columns } = result
  const measures = measuresOf(query)
  const shown = shownMeasures(view, query)
  const choices = (names: string[]) => names.map((name) => ({ value: name, label: titleOf(name, members) }))
  const change = (changes: Partial<ResultView>) => onChange({ ...view, ...changes })
  const hasAxes = ['line', 'bar', 'stackedBar', 'area'].includes(view.type) && shown.length > 1
  const groups = groupsOf(query)
  return (
    <Stack gap="sm">
      {measures.length > 1 && (
        <MultiSelect
          label="Measures shown"
          data={choices(measures)}
          value={shown}
          onChange={(names) => change({ measures: names.length > 0 ? names : undefined })}
        />
      )}
      {hasAxes && (
        <MultiSelect
          label="On the right axis"
          description="Left empty on purpose, all have one axis; by default what is far larger or smaller has its own."
          data={choices(shown)}
          value={view.right ?? []}
          onChange={(right) => change({ right })}
        />
      )}
      {view.type === 'pivot' && (
        <>
          <MultiSelect
            label="Across the columns"
            data={choices(groups)}
            value={sidesOf(result, view).across}
            onChange={(across) => change({ across: across.length < groups.length ? across : view.across })}
          />
          <Checkbox
            label="Totals"
            checked={view.totals !== false}
            onChange={(event) => change({ totals: event.currentTarget.checked })}
          />
        </>
      )}
      {columns
        .filter(({ name, type }) => isNumber(type) && name !== COMPARE && periodOf(query)?.name !== name)
        .map(({ name }) => (
          <FormatInput
            key={name}
            title={titleOf(name, members)}
            format={view.formats?.[name]}
            onChange={(format) => change({ formats: withFormat(view.formats, name, format) })}
          />
        ))}
    </Stack>
  )
}

function withFormat(formats: ResultView['formats'] = {}, name: string, format: ColumnFormat | undefined) {
  const { [name]: _before, ...others } = formats
  return format ? { ...others, [name]: format } : others
}

const AS_IT_IS = 'as it is'
const KINDS: { value: ColumnFormat['kind'] | typeof AS_IT_IS; label: string }[] = [
  { value: AS_IT_IS, label: 'As it is' },
  { value: 'number', label: 'Number' },
  { value: 'currency', label: 'Currency' },
  { value: 'percent', label: 'Percent' },
  { value: 'compact', label: 'Short (1.2M)' },
]
const MAX_DECIMALS = 12

interface FormatInputProps {
  title: string
  format: ColumnFormat | undefined
  onChange: (format: ColumnFormat | undefined) => void
}

function FormatInput({ title, format, onChange }: FormatInputProps) {
  return (
    <Group gap="xs" align="flex-end" grow preventGrowOverflow={false}>
      <NativeSelect
        label={`Format of ${title}`}
        value={format?.kind ?? AS_IT_IS}
        onChange={({ currentTarget: { value } }) =>
          onChange(value === AS_IT_IS ? undefined : { ...format, kind: value as ColumnFormat['kind'] })
        }
        data={KINDS}
      />
      {format?.kind === 'currency' && (
        <TextInput
          label="Currency"
          maw={90}
          maxLength={3}
          value={format.currency ?? 'USD'}
          onChange={(event) => onChange({ ...format, currency: event.currentTarget.value.toUpperCase() })}
        />
      )}
      {format && (
        <NumberInput
          label="Decimals"
          placeholder="auto"
          maw={100}
          min={0}
          max={MAX_DECIMALS}
          allowDecimal={false}
          clampBehavior="strict"
          value={format.decimals ?? ''}
          onChange={(value) => onChange({ ...format, decimals: typeof value === 'number' ? value : undefined })}
        />
      )}
    </Group>
  )
}
