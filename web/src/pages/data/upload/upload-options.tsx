import { Accordion, Text } from '@mantine/core'
import { ApiProblem } from '../../../api/http'
import { summaryOf, titleOf, withoutDefaults, type FileOptions, type OptionName } from '../file-options/file-options'
import { FileOptionsInput } from '../file-options/file-options-input'
import type { Upload } from './current-upload'

interface UploadOptionsProps {
  value: FileOptions
  /** of the dataset */
  defaults: FileOptions
  format: string
  upload: Upload | undefined
  onChange: (options: FileOptions) => void
}

/** How this file is written; closed, for most files say it themselves. */
export function UploadOptions({ value, defaults, format, upload, onChange }: UploadOptionsProps) {
  const errors = errorsOf(upload)
  return (
    <Accordion variant="contained" defaultValue={null} keepMounted={false}>
      <Accordion.Item value="options">
        <Accordion.Control>
          <Text size="sm" fw={600}>
            Options
          </Text>
          <Text size="xs" c={errors.size > 0 ? 'var(--mantine-color-error)' : 'dimmed'}>
            {summary(value, defaults, errors)}
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <FileOptionsInput value={value} defaults={defaults} format={format} errors={errors} onChange={onChange} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  )
}

/** What the server said of them. */
function errorsOf(upload: Upload | undefined): ReadonlyMap<string, string> {
  const error = upload?.phase === 'failed' ? upload.error : undefined
  return new Map(error instanceof ApiProblem ? error.errors.map(({ path, message }) => [path, message]) : [])
}

function summary(value: FileOptions, defaults: FileOptions, errors: ReadonlyMap<string, string>): string {
  const [fault] = errors
  if (fault) return `${titleOf(fault[0] as OptionName)}: ${fault[1]}`
  const all = summaryOf({ ...withoutDefaults(defaults), ...withoutDefaults(value) })
  return all || 'Delimiter, quotes, decimals, dates, time zone, words for no value'
}
