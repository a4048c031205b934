import { TextInput } from '@mantine/core'

interface TimeInputProps {
  label: string
  /** ISO-8601, or empty */
  value: string
  description?: string
  onChange: (value: string) => void
}

/** A moment, asked for in the reader's time zone. */
export function TimeInput({ label, value, description, onChange }: TimeInputProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description']}
      value={localOf(value)}
      onChange={({ currentTarget }) => {
        const time = new Date(currentTarget.value)
        onChange(Number.isNaN(time.getTime()) ? '' : time.toISOString())
      }}
    />
  )
}

/** As the input wants it: local time, to the minute. */
function localOf(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return ''
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
