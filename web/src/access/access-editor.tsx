import { Button, Checkbox, Group, MultiSelect, Stack, Switch, Text } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import type { AccessPolicy } from '../accounts/types'
import { ApiProblem } from '../api/http'
import { ProblemAlert } from '../components/problem-alert'
import { membersOf, titleOfDataset, useAccessCatalog, type AccessCatalog } from './access-catalog'
import { accessOf, draftOf, withDatasets, type AccessDraft, type DatasetDraft } from './access-draft'
import { textOfAccess, type PolicyOwner } from './access-text'
import { DatasetAccess } from './dataset-access'

interface Props {
  access: AccessPolicy | null
  of: PolicyOwner
  pending: boolean
  error: Error | null
  isSaved: boolean
  onSave: (access: AccessPolicy | null) => void
}

/** What exists for the owner; who narrows whom. */
const RULES: Record<PolicyOwner, string> = {
  user: 'What is not chosen below does not exist for it.',
  key: 'What is not chosen below does not exist for it. A key narrows what its user sees, and never widens it.',
  plan: 'What is not chosen below does not exist for them. A plan narrows what its users see, and never widens it.',
}
const SWITCHES: Record<PolicyOwner, string> = {
  user: 'Limit what this user may see',
  key: 'Limit what this key may see',
  plan: 'Limit what users of this plan may see',
}

/** Which datasets, columns and rows exist for a user, a key or the users of a plan, and whether dashboards do. */
export function AccessEditor({ access, of, pending, error, isSaved, onSave }: Props) {
  const [draft, setDraft] = useState(() => draftOf(access))
  const catalog = useAccessCatalog()
  const set = (changes: Partial<AccessDraft>) => setDraft((current) => ({ ...current, ...changes }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSave(accessOf(draft))
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Switch
          label={SWITCHES[of]}
          description={RULES[of]}
          checked={draft.isLimited}
          onChange={(event) => set({ isLimited: event.currentTarget.checked })}
        />
        {draft.isLimited && <PolicyFields draft={draft} catalog={catalog} error={error} onChange={set} />}
        <Text size="sm" role="status" aria-label="In words" className="breakable">
          {textOfAccess(draft, of, catalog)}
        </Text>
        {error && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          {isSaved && (
            <Text size="sm" c="dimmed" role="status">
              Saved
            </Text>
          )}
          <Button type="submit" loading={pending}>
            Save access
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface FieldsProps {
  draft: AccessDraft
  catalog: AccessCatalog
  error: Error | null
  onChange: (changes: Partial<AccessDraft>) => void
}

function PolicyFields({ draft, catalog, error, onChange }: FieldsProps) {
  const names = draft.datasets.map(({ name }) => name)
  const change = (changed: DatasetDraft) =>
    onChange({ datasets: draft.datasets.map((each) => (each.name === changed.name ? changed : each)) })
  return (
    <>
      <MultiSelect
        label="Datasets"
        data={[...new Set([...catalog.datasets.map(({ name }) => name), ...names])].map((name) => ({
          value: name,
          label: titleOfDataset(name, catalog),
        }))}
        value={names}
        onChange={(chosen) => onChange({ datasets: withDatasets(draft.datasets, chosen) })}
        searchable
      />
      {draft.datasets.map((dataset) => (
        <DatasetAccess
          key={dataset.name}
          dataset={dataset}
          title={titleOfDataset(dataset.name, catalog)}
          members={membersOf(dataset.name, catalog)}
          errors={errorsBelow(`access.datasets.${dataset.name}.`, error)}
          onChange={change}
        />
      ))}
      <EndpointFields draft={draft} catalog={catalog} onChange={onChange} />
      <Switch
        label="Dashboards and live streams"
        description="They show all rows, whatever the filters."
        checked={draft.dashboards}
        onChange={(event) => onChange({ dashboards: event.currentTarget.checked })}
      />
    </>
  )
}

function EndpointFields({ draft, catalog, onChange }: Omit<FieldsProps, 'error'>) {
  const { allEndpoints, endpoints } = draft
  const known = catalog.endpoints.map(({ name, title }) => ({
    value: name,
    label: title && title !== name ? `${title} (${name})` : name,
  }))
  const unknown = endpoints.filter((name) => !known.some(({ value }) => value === name))
  return (
    <Stack gap="xs">
      <Checkbox
        label="All endpoints, those to come included"
        checked={allEndpoints}
        onChange={(event) => onChange({ allEndpoints: event.currentTarget.checked })}
      />
      {!allEndpoints && (
        <MultiSelect
          label="Endpoints"
          placeholder={endpoints.length === 0 ? 'None' : undefined}
          data={[...known, ...unknown]}
          value={endpoints}
          onChange={(chosen) => onChange({ endpoints: chosen })}
          nothingFoundMessage="No such endpoint"
          searchable
        />
      )}
    </Stack>
  )
}

/** What the server says of fields whose paths begin so, by the rest of their paths. */
function errorsBelow(prefix: string, problem: Error | null): ReadonlyMap<string, string> {
  const errors = problem instanceof ApiProblem ? problem.errors : []
  return new Map(
    errors
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, message }) => [path.slice(prefix.length), message]),
  )
}
