import { Alert, Group, NativeSelect, Text } from '@mantine/core'
import type { Format } from '../ingestions'
import type { Encoding, FileForm } from '../preview/file-form'

interface ReadingOptionsProps {
  found: FileForm
  delimiter: string | undefined
  format: Format | undefined
  encoding: Encoding | undefined
  isEncodingDoubtful: boolean
  onFormat: (format: Format | undefined) => void
  onEncoding: (encoding: Encoding | undefined) => void
}

const FORMATS: Record<Format, string> = {
  csv: 'CSV',
  tsv: 'TSV',
  json: 'JSON',
  ndjson: 'NDJSON',
  xml: 'XML',
  parquet: 'Parquet',
}
const DELIMITERS: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' }

/** How the bytes of the file are to be read, where they do not tell it themselves. */
export function ReadingOptions(props: ReadingOptionsProps) {
  const { found, delimiter, format, encoding, isEncodingDoubtful, onFormat, onEncoding } = props
  const isText = found.format !== 'parquet' && found.format !== 'archive'
  return (
    <>
      <Group gap="md" align="flex-end">
        <NativeSelect
          label="Format"
          size="sm"
          value={format ?? ''}
          onChange={(event) => onFormat((event.currentTarget.value || undefined) as Format | undefined)}
          data={[
            { value: '', label: labelOf(found) },
            ...Object.entries(FORMATS).map(([value, label]) => ({ value, label })),
          ]}
        />
        {isText && (
          <NativeSelect
            label="Encoding"
            size="sm"
            value={encoding ?? ''}
            onChange={(event) => onEncoding((event.currentTarget.value || undefined) as Encoding | undefined)}
            data={[
              { value: '', label: 'UTF-8, or by its mark' },
              { value: 'windows-1252', label: 'windows-1252 (Latin)' },
              { value: 'utf-16le', label: 'UTF-16 (little endian)' },
              { value: 'utf-16be', label: 'UTF-16 (big endian)' },
            ]}
          />
        )}
        {delimiter && (
          <Text size="sm" c="dimmed" pb={8}>
            Fields are separated by a {DELIMITERS[delimiter] ?? delimiter}.
          </Text>
        )}
      </Group>
      {isEncodingDoubtful && (
        <Alert color="yellow" variant="light" title="Some characters are not valid in this encoding">
          Rows that have them will be rejected. Files that come from Excel on Windows are often windows-1252: choose it
          above and see whether the preview looks right.
        </Alert>
      )}
    </>
  )
}

function labelOf({ format, compression }: FileForm): string {
  const name = format === 'archive' ? 'archive' : FORMATS[format]
  return `Detected: ${name}${compression ? `, ${compression}` : ''}`
}
