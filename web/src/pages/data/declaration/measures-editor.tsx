import { Button, Divider, Group, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { included, newMeasure, type DraftColumn, type DraftMeasure } from './draft'
import { within, type FieldErrors } from './field-errors'
import { MeasureEditor } from './measure-editor'
import { namedByItself } from './name-measure'
import { takes } from './measure-types'

interface MeasuresEditorProps {
  measures: DraftMeasure[]
  /** also those that were left out of the dataset: a filter may name one still */
  columns: DraftColumn[]
  errors: FieldErrors
  onChange: (measures: DraftMeasure[], changed?: DraftMeasure) => void
}

/** The figures that can be asked of the dataset. */
export function MeasuresEditor({ measures, columns, errors, onChange }: MeasuresEditorProps) {
  const add = () => {
    const column = included({ columns }).find(({ type }) => takes('sum', type))
    const measure = { ...newMeasure(), ...(column ? { column: column.id } : { type: 'countDistinct' as const }) }
    onChange([...measures, namedByItself(measure, measure, columns, measures)])
  }
  const change = (next: DraftMeasure) =>
    onChange(
      measures.map((each) => (each.id === next.id ? namedByItself(next, each, columns, measures) : each)),
      next,
    )
  return (
    <Stack gap="sm" role="group" aria-label="Measures">
      <Text size="sm" c="dimmed">
        “rows”, which counts the rows, is always there.
      </Text>
      {measures.map((measure, at) => (
        <div key={measure.id}>
          {at > 0 && <Divider mb="sm" />}
          <MeasureEditor
            label={measure.name || `measure ${at + 1}`}
            measure={measure}
            measures={measures}
            columns={columns}
            errors={within(errors, `measures/${measure.id}`)}
            onChange={change}
            onRemove={() => onChange(measures.filter(({ id }) => id !== measure.id))}
          />
        </div>
      ))}
      <Group>
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
          Add a measure
        </Button>
      </Group>
    </Stack>
  )
}
