import '@mantine/dates/styles.css'
import { NativeSelect, SimpleGrid, Stack } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import type { DateRange } from './filter'

interface DateRangeInputProps {
  label: string
  value: DateRange | undefined
  onChange: (range: DateRange | undefined) => void
  /** what no range is called, where none is a choice */
  none?: string
  /** one more choice */
  extra?: { label: string; isChosen: boolean; onChoose: () => void }
}

/** Relative to today, as the server reads them. */
const RELATIVE = [
  ...['today', 'yesterday', 'last 7 days', 'last 30 days', 'last 90 days'],
  ...['this week', 'last week', 'this month', 'last month', 'last 12 months'],
  ...['this quarter', 'last quarter', 'this year', 'last year'],
]
const CUSTOM = 'custom'
const EXTRA = 'extra'

/** A date range: relative to today, or from one day to another. */
export function DateRangeInput({ label, value, onChange, none, extra }: DateRangeInputProps) {
  const choose = (choice: string) => {
    if (choice === EXTRA) return extra?.onChoose()
    if (choice === CUSTOM) return onChange(['', ''])
    onChange(choice || undefined)
  }
  const chosen = extra?.isChosen ? EXTRA : Array.isArray(value) ? CUSTOM : (value ?? '')
  const unusual = typeof value === 'string' && value !== '' && !RELATIVE.includes(value) ? [value] : []
  return (
    <Stack gap="xs">
      <NativeSelect
        label={label}
        value={chosen}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          ...(none || value === undefined || value === '' ? [{ value: '', label: none ?? '– choose –' }] : []),
          ...[...RELATIVE, ...unusual].map((range) => ({ value: range, label: capitalized(range) })),
          { value: CUSTOM, label: 'From … to …' },
          ...(extra ? [{ value: EXTRA, label: extra.label }] : []),
        ]}
      />
      {Array.isArray(value) && <DaysInput label={label} value={value} onChange={onChange} />}
    </Stack>
  )
}

interface DaysInputProps {
  label: string
  value: string[]
  onChange: (range: string[]) => void
}

/** From one day to another. */
export function DaysInput({ label, value, onChange }: DaysInputProps) {
  const [from = '', to = from] = value
  return (
    <SimpleGrid type="container" cols={{ base: 1, '260px': 2 }} spacing="xs">
      <DayInput
        label={`${label}: first day`}
        placeholder="From"
        value={from}
        maxDate={to || undefined}
        onChange={(day) => onChange([day, to])}
      />
      <DayInput
        label={`${label}: last day`}
        placeholder="To"
        value={to}
        minDate={from || undefined}
        onChange={(day) => onChange([from, day])}
      />
    </SimpleGrid>
  )
}

interface DayInputProps {
  label: string
  placeholder: string
  value: string
  minDate?: string
  maxDate?: string
  onChange: (day: string) => void
}

/** Typed, or picked from a calendar. */
function DayInput({ label, value, onChange, ...input }: DayInputProps) {
  return (
    <DateInput
      aria-label={label}
      valueFormat="YYYY-MM-DD"
      value={value || null}
      onChange={(day) => onChange(day ?? '')}
      previousLabel="The month before"
      nextLabel="The next month"
      {...input}
    />
  )
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
