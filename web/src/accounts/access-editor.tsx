import { Button, Checkbox, Group, MultiSelect, Paper, Stack, Switch, TagsInput, Text, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { request, type Schemas } from '../api/http'
import { ProblemAlert } from '../components/problem-alert'
import { accessOf, draftOf, filtersOf, withDatasets, type AccessDraft, type DatasetDraft } from './access-draft'
import type { AccessPolicy } from './types'

const FILTERS_EXAMPLE = '[{"member": "country", "operator": "equals", "values": ["Germany"]}]'

interface Props {
  access: AccessPolicy | null
  /** "user" or "key" */
  of: string
  pending: boolean
  error: Error | null
  isSaved: boolean
  onSave: (access: AccessPolicy | null) => void
}

/** Which datasets, members and rows exist for a user or a key, and whether dashboards do. */
export function AccessEditor({ access, of, pending, error, isSaved, onSave }: Props) {
  const [draft, setDraft] = useState(() => draftOf(access))
  const datasets = useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => request('GET /v1/datasets', { query: { limit: 500 }, signal }),
  })
  const set = (changes: Partial<AccessDraft>) => setDraft((current) => ({ ...current, ...changes }))
  const isSound = draft.datasets.every(({ filters }) => filtersOf(filters) !== undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSave(accessOf(draft))
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Switch
          label={`Limit what this ${of} may see`}
          description="What is not named below does not exist for it. A key narrows its user."
          checked={draft.isLimited}
          onChange={(event) => set({ isLimited: event.currentTarget.checked })}
        />
        {draft.isLimited && <PolicyFields draft={draft} known={datasets.data?.data ?? []} onChange={set} />}
        {error && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          {isSaved && (
            <Text size="sm" c="dimmed" role="status">
              Saved
            </Text>
          )}
          <Button type="submit" loading={pending} disabled={draft.isLimited && !isSound}>
            Save access
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface FieldsProps {
  draft: AccessDraft
  known: Schemas['DatasetInfo'][]
  onChange: (changes: Partial<AccessDraft>) => void
}

function PolicyFields({ draft, known, onChange }: FieldsProps) {
  const names = draft.datasets.map(({ name }) => name)
  const change = (changed: DatasetDraft) =>
    onChange({ datasets: draft.datasets.map((each) => (each.name === changed.name ? changed : each)) })
  return (
    <>
      <MultiSelect
        label="Datasets"
        data={[...new Set([...known.map(({ name }) => name), ...names])]}
        value={names}
        onChange={(chosen) => onChange({ datasets: withDatasets(draft.datasets, chosen) })}
        searchable
      />
      {draft.datasets.map((dataset) => (
        <DatasetFields
          key={dataset.name}
          dataset={dataset}
          members={known.find(({ name }) => name === dataset.name)?.members ?? []}
          onChange={change}
        />
      ))}
      <TagsInput
        label="Endpoints"
        description="Their names, or * for all"
        value={draft.endpoints}
        onChange={(endpoints) => onChange({ endpoints })}
      />
      <Switch
        label="Dashboards and live streams"
        description="They show all rows, whatever the filters."
        checked={draft.dashboards}
        onChange={(event) => onChange({ dashboards: event.currentTarget.checked })}
      />
    </>
  )
}

interface DatasetProps {
  dataset: DatasetDraft
  members: Schemas['DatasetMember'][]
  onChange: (dataset: DatasetDraft) => void
}

function DatasetFields({ dataset, members, onChange }: DatasetProps) {
  const { name, allMembers, members: chosen, filters } = dataset
  return (
    <Paper component="fieldset" aria-label={name} withBorder p="sm" radius="sm" m={0}>
      <Stack gap="sm">
        <Text fw={600} size="sm">
          {name}
        </Text>
        <Checkbox
          label="All members, those to come included"
          checked={allMembers}
          onChange={(event) => onChange({ ...dataset, allMembers: event.currentTarget.checked })}
        />
        {!allMembers && (
          <MultiSelect
            label={`Members of ${name}`}
            description="None: the dataset does not exist"
            data={[...new Set([...members.map((member) => member.name), ...chosen])]}
            value={chosen}
            onChange={(next) => onChange({ ...dataset, members: next })}
            searchable
          />
        )}
        <Textarea
          label={`Rows of ${name}`}
          description="Filters as a query has them, on dimensions, in JSON; empty for all rows"
          placeholder={FILTERS_EXAMPLE}
          autosize
          minRows={2}
          maxRows={12}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={filters}
          error={filtersOf(filters) === undefined && `Must be a list in JSON, such as ${FILTERS_EXAMPLE}`}
          onChange={(event) => onChange({ ...dataset, filters: event.currentTarget.value })}
        />
      </Stack>
    </Paper>
  )
}
