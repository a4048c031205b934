import { Button, Divider, Grid, Group, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { ColumnEditor } from './column-editor'
import { newColumn, type DraftColumn } from './draft'
import { fieldKey, type FieldErrors } from './field-errors'

interface ColumnsEditorProps {
  columns: DraftColumn[]
  errors: FieldErrors
  /** a column that is added to a dataset with rows cannot be in its key */
  hasKey?: boolean
  onChange: (columns: DraftColumn[], changed?: DraftColumn) => void
}

/** The columns of a dataset, one in each row. */
export function ColumnsEditor({ columns, errors, hasKey = true, onChange }: ColumnsEditorProps) {
  const change = (next: DraftColumn) =>
    onChange(
      columns.map((each) => (each.id === next.id ? next : each)),
      next,
    )
  return (
    <Stack gap="xs" role="group" aria-label="Columns">
      <Titles />
      {columns.map((column, at) => (
        <div key={column.id}>
          <Divider mb="xs" />
          <ColumnEditor
            column={column}
            label={labelOf(column, at)}
            errorOf={(field) => errors.get(fieldKey('columns', column.id, field))}
            hasKey={hasKey}
            onChange={change}
            onRemove={columns.length > 1 ? () => onChange(columns.filter(({ id }) => id !== column.id)) : undefined}
          />
        </div>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...columns, newColumn()])}
        >
          Add a column
        </Button>
      </Group>
    </Stack>
  )
}

/** How the fields of a column say whose they are. */
function labelOf({ source, name, finding }: DraftColumn, at: number): string {
  return (finding && source) || name || `column ${at + 1}`
}

function Titles() {
  return (
    <Grid gap="xs" visibleFrom="md" aria-hidden>
      {[
        ['In the file', 3],
        ['Name', 2],
        ['Type', 2],
        ['Scale or format', 2],
        ['In each row', 3],
      ].map(([title, span]) => (
        <Grid.Col key={title} span={span as number}>
          <Text size="xs" fw={600} c="dimmed">
            {title}
          </Text>
        </Grid.Col>
      ))}
    </Grid>
  )
}
