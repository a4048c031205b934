import { Checkbox, MultiSelect, Paper, Stack, Text } from '@mantine/core'
import { FiltersEditor } from '../filters/filters-editor'
import type { FilterErrors } from '../filters/filter-errors'
import type { CatalogMember } from './access-catalog'
import type { DatasetDraft } from './access-draft'

interface DatasetAccessProps {
  dataset: DatasetDraft
  title: string
  /** all that the dataset has */
  members: CatalogMember[]
  errors: FilterErrors
  onChange: (dataset: DatasetDraft) => void
}

/** Which columns, measures and rows of a dataset exist. */
export function DatasetAccess({ dataset, title, members, errors, onChange }: DatasetAccessProps) {
  const { name, allMembers, members: chosen, filters } = dataset
  return (
    <Paper component="fieldset" aria-label={title} withBorder p="sm" radius="sm" m={0} miw={0}>
      <Stack gap="sm">
        <Text fw={600} size="sm" className="breakable">
          {title}
        </Text>
        <Checkbox
          label="All columns and measures, those to come included"
          checked={allMembers}
          onChange={(event) => onChange({ ...dataset, allMembers: event.currentTarget.checked })}
        />
        {!allMembers && (
          <MultiSelect
            label={`Columns and measures of ${title}`}
            description="Without any the dataset does not exist"
            data={choicesOf(members, chosen)}
            value={chosen}
            error={errorOfMembers(errors)}
            onChange={(next) => onChange({ ...dataset, members: next })}
            searchable
          />
        )}
        <Stack gap="xs" role="group" aria-label={`Rows of ${title}`}>
          <Text size="sm" fw={500}>
            Only rows where
          </Text>
          {filters.length === 0 && (
            <Text size="sm" c="dimmed">
              Without a filter every row exists.
            </Text>
          )}
          <FiltersEditor
            filters={filters}
            members={members.filter(({ kind }) => kind !== 'measure')}
            dataset={name}
            errors={errors}
            onChange={(next) => onChange({ ...dataset, filters: next })}
          />
        </Stack>
      </Stack>
    </Paper>
  )
}

function errorOfMembers(errors: FilterErrors): string | undefined {
  return [...errors].find(([path]) => path.startsWith('members'))?.[1]
}

/** By title; what was chosen before and is not there any more has its name alone. */
function choicesOf(members: CatalogMember[], chosen: string[]) {
  const gone = chosen.filter((name) => !members.some((member) => member.name === name))
  return [
    { group: 'Columns', items: itemsOf(members.filter(({ kind }) => kind !== 'measure')) },
    { group: 'Measures', items: itemsOf(members.filter(({ kind }) => kind === 'measure')) },
    { group: 'Not there any more', items: gone },
  ].filter(({ items }) => items.length > 0)
}

function itemsOf(members: CatalogMember[]) {
  return members.map(({ name, title }) => ({ value: name, label: title }))
}
