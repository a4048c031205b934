import {
  ActionIcon,
  Alert,
  Checkbox,
  Grid,
  Group,
  List,
  NativeSelect,
  SimpleGrid,
  Text,
  TextInput,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import { ColumnDetails } from './column-details'
import { ColumnOrigin } from './column-origin'
import { TYPE_NAMES, type ColumnType } from './declarations'
import { changedColumn, type DraftColumn } from './draft'

export interface ColumnEditorProps {
  column: DraftColumn
  /** names it in the labels of its fields */
  label: string
  errorOf: (field: string) => string | undefined
  hasKey: boolean
  onChange: (column: DraftColumn) => void
  /** undefined: it is the only one */
  onRemove: (() => void) | undefined
}

const TYPES = Object.entries(TYPE_NAMES).map(([value, label]) => ({ value, label }))

export function ColumnEditor(props: ColumnEditorProps) {
  const { column, label, errorOf, hasKey, onChange, onRemove } = props
  const { finding, isIncluded } = column
  const [isChosen, { toggle }] = useDisclosure(false)
  const hasTexts = isChosen || errorOf('title') !== undefined || errorOf('description') !== undefined
  const change = (changes: Partial<DraftColumn>) => onChange(changedColumn(column, changes))
  return (
    <Grid role="group" aria-label={`Column ${label}`} gap="xs" align="flex-start">
      <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
        <ColumnOrigin column={column} label={label} error={errorOf('source')} onChange={change} />
      </Grid.Col>
      {isIncluded && (
        <>
          <Grid.Col span={{ base: 12, xs: 6, md: 2 }}>
            <TextInput
              size="sm"
              aria-label={`Name of ${label}`}
              placeholder="order_date"
              value={column.name}
              error={errorOf('name')}
              spellCheck={false}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 6, md: 2 }}>
            <NativeSelect
              size="sm"
              aria-label={`Type of ${label}`}
              data={TYPES}
              value={column.type}
              error={errorOf('type')}
              onChange={(event) => change({ type: event.currentTarget.value as ColumnType })}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 6, md: 2 }}>
            <ColumnDetails column={column} label={label} errorOf={errorOf} onChange={change} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 3 }}>
            <Group gap="sm" mih={36} wrap="nowrap">
              <Checkbox
                size="xs"
                label="required"
                aria-label={`${label} is required`}
                checked={column.required}
                error={errorOf('required')}
                onChange={(event) => change({ required: event.currentTarget.checked })}
              />
              {hasKey && (
                <Checkbox
                  size="xs"
                  label="key"
                  aria-label={`${label} is in the key`}
                  checked={column.isKey}
                  error={errorOf('key')}
                  onChange={(event) => change({ isKey: event.currentTarget.checked })}
                />
              )}
              <Group gap={4} wrap="nowrap" ml="auto">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Describe ${label}`}
                  title="Title and description"
                  aria-expanded={hasTexts}
                  onClick={toggle}
                >
                  <IconPencil size={16} />
                </ActionIcon>
                {!finding && onRemove && (
                  <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label}`} onClick={onRemove}>
                    <IconTrash size={16} />
                  </ActionIcon>
                )}
              </Group>
            </Group>
          </Grid.Col>
          {hasTexts && <Texts column={column} label={label} errorOf={errorOf} onChange={change} />}
          {finding && finding.warnings.length > 0 && <Warnings label={label} texts={finding.warnings} />}
        </>
      )}
    </Grid>
  )
}

type TextsProps = Pick<ColumnEditorProps, 'column' | 'label' | 'errorOf'> & {
  onChange: (changes: Partial<DraftColumn>) => void
}

/** What people read of it. */
function Texts({ column: { title, description }, label, errorOf, onChange }: TextsProps) {
  return (
    <Grid.Col span={12}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        <TextInput
          size="sm"
          label={`Title of ${label}`}
          placeholder="made of the name"
          value={title}
          error={errorOf('title')}
          onChange={(event) => onChange({ title: event.currentTarget.value })}
        />
        <TextInput
          size="sm"
          label={`Description of ${label}`}
          placeholder="What it holds"
          value={description}
          error={errorOf('description')}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
      </SimpleGrid>
    </Grid.Col>
  )
}

function Warnings({ label, texts }: { label: string; texts: string[] }) {
  return (
    <Grid.Col span={12}>
      <Alert color="yellow" variant="light" p="xs" role="note" aria-label={`Please check ${label}`}>
        {texts.length === 1 ? (
          <Text size="sm">{texts[0]}</Text>
        ) : (
          <List size="sm">
            {texts.map((text) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
          </List>
        )}
      </Alert>
    </Grid.Col>
  )
}
