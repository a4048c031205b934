import { Autocomplete, NativeSelect, NumberInput, Select, SimpleGrid, TagsInput, TextInput } from '@mantine/core'
import { COMMON_FORMATS } from '../mapping/guess-date-format'
import { CHOICES, labelOf, type FileOptions, type OptionName } from './file-options'

interface FileOptionsInputProps {
  value: FileOptions
  /** of the dataset: what holds where the file says nothing */
  defaults?: FileOptions
  /** the format of the file, where it is known: options of others are left out */
  format?: string
  errors?: ReadonlyMap<string, string>
  onChange: (options: FileOptions) => void
}

const TIMEZONES = Intl.supportedValuesOf('timeZone')
const SHOWN_TIMEZONES = 50
const MAX_SKIPPED_LINES = 1000
const OF_FORMATS: Partial<Record<OptionName, readonly string[]>> = {
  delimiter: ['csv', 'tsv'],
  quote: ['csv', 'tsv'],
  skipLines: ['csv', 'tsv', 'ndjson'],
  recordElement: ['xml'],
}

/** How a file writes its values. */
export function FileOptionsInput({ value, defaults = {}, format, errors, onChange }: FileOptionsInputProps) {
  const has = (name: OptionName) => !format || (OF_FORMATS[name]?.includes(format) ?? true)
  const common = (name: OptionName) => ({ size: 'sm' as const, error: errors?.get(name) })
  const set = (changes: FileOptions) => onChange({ ...value, ...changes })
  const text = (name: OptionName, otherwise: string) =>
    defaults[name] === undefined ? otherwise : `${labelOf(name, defaults[name])} (of the dataset)`
  const choice = (name: keyof typeof CHOICES) => (
    <ChoiceInput
      name={name}
      value={(value[name] as string | undefined) ?? ''}
      none={text(name, `Default: ${CHOICES[name]!.none}`)}
      error={errors?.get(name)}
      onChange={(next) => set({ [name]: next })}
    />
  )
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} verticalSpacing="xs">
      {has('delimiter') && choice('delimiter')}
      {has('quote') && choice('quote')}
      {has('skipLines') && (
        <NumberInput
          {...common('skipLines')}
          label="Lines before the header to skip"
          placeholder={text('skipLines', '0')}
          min={0}
          max={MAX_SKIPPED_LINES}
          allowDecimal={false}
          allowNegative={false}
          value={value.skipLines ?? ''}
          onChange={(next) => set({ skipLines: typeof next === 'number' ? next : undefined })}
        />
      )}
      {has('recordElement') && (
        <TextInput
          {...common('recordElement')}
          label="XML element of a record"
          placeholder={text('recordElement', 'Found by itself')}
          value={value.recordElement ?? ''}
          onChange={(event) => set({ recordElement: event.currentTarget.value || undefined })}
        />
      )}
      {choice('decimalSeparator')}
      {choice('thousandsSeparator')}
      {choice('numberStyle')}
      {choice('scale')}
      <Autocomplete
        {...common('dateFormat')}
        label="Date format"
        placeholder={text('dateFormat', 'YYYY-MM-DD')}
        data={COMMON_FORMATS}
        filter={({ options }) => options}
        value={value.dateFormat ?? ''}
        onChange={(next) => set({ dateFormat: next || undefined })}
      />
      <Select
        {...common('timezone')}
        label="Time zone of times without one"
        placeholder={text('timezone', 'UTC')}
        data={TIMEZONES}
        value={value.timezone ?? null}
        onChange={(next) => set({ timezone: next ?? undefined })}
        searchable
        clearable
        limit={SHOWN_TIMEZONES}
        clearButtonProps={{ 'aria-label': 'Clear: time zone' }}
      />
      <TagsInput
        {...common('nullValues')}
        label="Words for no value"
        placeholder={value.nullValues?.length ? undefined : text('nullValues', 'NA, n/a… then Enter')}
        value={value.nullValues ?? []}
        onChange={(next) => set({ nullValues: next.length > 0 ? next : undefined })}
        splitChars={['\n', '\t']}
      />
    </SimpleGrid>
  )
}

interface ChoiceInputProps {
  name: OptionName
  value: string
  none: string
  error: string | undefined
  onChange: (value: string | undefined) => void
}

function ChoiceInput({ name, value, none, error, onChange }: ChoiceInputProps) {
  const { label, choices } = CHOICES[name]!
  const isOther = value !== '' && !choices.some((choice) => choice.value === value)
  return (
    <NativeSelect
      size="sm"
      label={label}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      data={[{ value: '', label: none }, ...choices, ...(isOther ? [{ value, label: value }] : [])]}
    />
  )
}
