import { Checkbox, NumberInput, Select, Stack } from '@mantine/core'
import type { BuilderProps } from './builder-props'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 50_000
const SHOWN_TIMEZONES = 50
const TIMEZONES = Intl.supportedValuesOf('timeZone')

/** How much of the result, and whose today. */
export function MoreInputs({ query, onChange }: BuilderProps) {
  return (
    <Stack gap="sm">
      <NumberInput
        label="Row limit"
        placeholder={`${DEFAULT_LIMIT}; exports: all of them`}
        min={1}
        max={MAX_LIMIT}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="strict"
        thousandSeparator=","
        value={query.limit ?? ''}
        onChange={(limit) => onChange({ limit: typeof limit === 'number' && limit > 0 ? limit : undefined })}
      />
      <Select
        label="Time zone"
        placeholder="UTC"
        data={TIMEZONES}
        value={query.timezone ?? null}
        onChange={(timezone) => onChange({ timezone: timezone ?? undefined })}
        searchable
        clearable
        limit={SHOWN_TIMEZONES}
        clearButtonProps={{ 'aria-label': 'Clear: Time zone' }}
      />
      <Checkbox
        label="Count all rows of the result"
        checked={query.total ?? false}
        onChange={(event) => onChange({ total: event.currentTarget.checked || undefined })}
      />
    </Stack>
  )
}
