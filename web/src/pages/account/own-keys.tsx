import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { KEY_COLUMNS } from '../../accounts/key-columns'
import type { Key } from '../../accounts/types'
import { request } from '../../api/http'
import { useChange } from '../../api/use-change'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { DataTable, type Column } from '../../components/data-table'
import { Loaded } from '../../components/loaded'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'

const OVERLAP_SECONDS = 3600

type Change = { action: 'issue'; name: string } | { action: 'rotate' | 'revoke'; key: Key }

async function apply(change: Change): Promise<string | undefined> {
  if (change.action === 'issue')
    return (await request('POST /v1/me/keys', { body: { name: change.name.trim() || undefined } })).apiKey
  const path = { id: change.key.id }
  if (change.action === 'rotate')
    return (await request('POST /v1/me/keys/{id}/rotate', { path, body: { overlapSeconds: OVERLAP_SECONDS } })).apiKey
  await request('DELETE /v1/me/keys/{id}', { path })
  return undefined
}

/** One's own keys: issue, rotate, revoke. */
export function OwnKeys() {
  const [secret, setSecret] = useState<string>()
  const [chosen, setChosen] = useState<Exclude<Change, { action: 'issue' }>>()
  const keys = useQuery({
    queryKey: ['me', 'keys'],
    queryFn: ({ signal }) => request('GET /v1/me/keys', { query: { limit: 200 }, signal }),
  })
  const change = useChange([['me', 'keys']], apply, (apiKey) => {
    setChosen(undefined)
    setSecret(apiKey)
  })
  const columns = [...KEY_COLUMNS, changeColumn(setChosen)]
  return (
    <Stack>
      <IssueKey pending={change.isPending} onIssue={(name) => change.mutate({ action: 'issue', name })} />
      {change.error && !chosen && <ProblemAlert error={change.error} />}
      <Loaded query={keys}>
        {({ data }) => (
          <DataTable label="Your keys" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={760} />
        )}
      </Loaded>
      <ConfirmDialog
        opened={chosen !== undefined}
        title={chosen?.action === 'revoke' ? 'Revoke this key?' : 'Rotate this key?'}
        confirmLabel={chosen?.action === 'revoke' ? 'Revoke' : 'Rotate'}
        pending={change.isPending}
        error={change.error}
        onConfirm={() => chosen && change.mutate(chosen)}
        onClose={() => setChosen(undefined)}
      >
        {chosen?.action === 'revoke'
          ? 'It stops working everywhere within a second, for good.'
          : 'A new key takes its place. The old one goes on working for an hour, so that programs can be moved.'}
      </ConfirmDialog>
      <SecretDialog title="Your new key" secret={secret} onClose={() => setSecret(undefined)} />
    </Stack>
  )
}

function IssueKey({ pending, onIssue }: { pending: boolean; onIssue: (name: string) => void }) {
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onIssue(name)
    setName('')
  }
  return (
    <form onSubmit={submit}>
      <Group align="flex-end">
        <TextInput
          label="Name of a new key"
          placeholder="nightly report"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          flex={1}
          miw={180}
        />
        <Button type="submit" loading={pending}>
          Issue
        </Button>
      </Group>
    </form>
  )
}

function changeColumn(choose: (change: { action: 'rotate' | 'revoke'; key: Key }) => void): Column<Key> {
  return {
    title: 'Change',
    render: (key) =>
      key.status !== 'revoked' && (
        <Group gap="xs" wrap="nowrap">
          {key.status === 'active' && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Rotate ${key.prefix}`}
              onClick={() => choose({ action: 'rotate', key })}
            >
              Rotate
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Revoke ${key.prefix}`}
            onClick={() => choose({ action: 'revoke', key })}
          >
            Revoke
          </Button>
        </Group>
      ),
  }
}
