import { Badge, Checkbox, Text, TextInput } from '@mantine/core'
import type { DraftColumn } from './draft'

/** Below it the type is a guess that somebody should look at. */
const LOW_CONFIDENCE = 0.6
const SHOWN_EXAMPLES = 3

interface ColumnOriginProps {
  column: DraftColumn
  label: string
  error: string | undefined
  onChange: (changes: Partial<DraftColumn>) => void
}

/** What the column is called in files, and what it holds there. */
export function ColumnOrigin({ column, label, error, onChange }: ColumnOriginProps) {
  const { source, name, finding, isIncluded } = column
  if (!finding) {
    return (
      <TextInput
        size="sm"
        aria-label={`Header in files of ${label}`}
        placeholder={name ? `Header: ${name}` : 'Header in files, if another'}
        value={source}
        error={error}
        onChange={(event) => onChange({ source: event.currentTarget.value })}
      />
    )
  }
  const examples = finding.examples.slice(0, SHOWN_EXAMPLES)
  return (
    <>
      <Checkbox
        size="sm"
        aria-label={`Include ${label}`}
        label={
          <Text span size="sm" fw={600} className="breakable">
            {source || name}
          </Text>
        }
        checked={isIncluded}
        error={error}
        onChange={(event) => onChange({ isIncluded: event.currentTarget.checked })}
      />
      <Text size="xs" c="dimmed" lineClamp={2} className="breakable" mt={2}>
        {isIncluded ? (examples.length > 0 ? examples.join(' · ') : 'empty in the sample') : 'left out of the dataset'}
      </Text>
      {isIncluded && finding.confidence < LOW_CONFIDENCE && (
        <Badge size="xs" variant="light" color="yellow" tt="none" mt={4}>
          please check
        </Badge>
      )}
    </>
  )
}
