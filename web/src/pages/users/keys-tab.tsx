import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { AccessEditor } from '../../accounts/access-editor'
import { CreditLimitFields, limitOf, NO_LIMIT } from '../../accounts/credit-limit-fields'
import { KEY_COLUMNS } from '../../accounts/key-columns'
import type { AccessPolicy, Key, ManagedKey, User } from '../../accounts/types'
import { request } from '../../api/http'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { Loaded } from '../../components/loaded'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { CreditLimitDialog } from './credit-limit-dialog'
import { useAccountChange } from './use-account-change'

const OVERLAP_SECONDS = 3600

type Action = 'rotate' | 'revoke' | 'limit'

export function KeysTab({ user }: { user: User }) {
  const path = { id: user.id }
  const [secret, setSecret] = useState<string>()
  const [chosen, setChosen] = useState<{ key: Key; action: Action }>()
  const session = useCurrentSession()
  const keys = useQuery({
    queryKey: ['keys', user.id],
    queryFn: ({ signal }) => request('GET /v1/admin/users/{id}/keys', { path, query: { limit: 200 }, signal }),
  })
  const toggle = useAccountChange(({ id, status }: Key) =>
    request('PATCH /v1/admin/users/{id}/keys/{keyId}', {
      path: { ...path, keyId: id },
      body: { status: status === 'disabled' ? 'active' : 'disabled' },
    }),
  )
  const act = useAccountChange(
    ({ key, action }: { key: Key; action: Action }) => {
      const one = { path: { ...path, keyId: key.id } }
      return action === 'revoke'
        ? request('DELETE /v1/admin/users/{id}/keys/{keyId}', one)
        : request('POST /v1/admin/users/{id}/keys/{keyId}/rotate', {
            ...one,
            body: { overlapSeconds: OVERLAP_SECONDS },
          })
    },
    (response) => {
      setChosen(undefined)
      setSecret(response?.apiKey)
    },
  )
  const [limited, setLimited] = useState<ManagedKey>()
  const actions = {
    change: (key: Key, action: Action) => setChosen({ key, action }),
    toggle: toggle.mutate,
    limit: setLimited,
  }
  const columns = mayChange(session) ? [...COLUMNS, actionsColumn(actions)] : COLUMNS
  return (
    <Stack>
      {mayChange(session) && <IssueKey userId={user.id} onIssued={setSecret} />}
      <Section title="Keys">
        {toggle.error && <ProblemAlert error={toggle.error} />}
        <Loaded query={keys}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState title="No keys">Issue one: without a key nobody can use this account.</EmptyState>
            ) : (
              <DataTable label="Keys" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={880} />
            )
          }
        </Loaded>
      </Section>
      {chosen?.action === 'limit' && (
        <CreditLimitDialog userId={user.id} target={chosen.key} onClose={() => setChosen(undefined)} />
      )}
      <KeyConfirmation
        chosen={chosen?.action === 'limit' ? undefined : chosen}
        pending={act.isPending}
        error={act.error}
        onConfirm={() => chosen && act.mutate(chosen)}
        onClose={() => setChosen(undefined)}
      />
      {limited && <KeyAccess userId={user.id} managed={limited} onClose={() => setLimited(undefined)} />}
      <SecretDialog title={`A key of ${user.username}`} secret={secret} onClose={() => setSecret(undefined)} />
    </Stack>
  )
}

const COLUMNS: Column<ManagedKey>[] = [
  ...KEY_COLUMNS,
  { title: 'Data', render: ({ access }) => (access ? 'limited' : 'as the user') },
]

interface KeyAccessProps {
  userId: string
  managed: ManagedKey
  onClose: () => void
}

function KeyAccess({ userId, managed, onClose }: KeyAccessProps) {
  const save = useAccountChange(
    (access: AccessPolicy | null) =>
      request('PATCH /v1/admin/users/{id}/keys/{keyId}', { path: { id: userId, keyId: managed.id }, body: { access } }),
    onClose,
  )
  return (
    <Modal opened onClose={onClose} title={`What ${nameOf(managed)} may see`} size="lg">
      <AccessEditor
        access={managed.access}
        of="key"
        pending={save.isPending}
        error={save.error}
        isSaved={false}
        onSave={(access) => save.mutate(access)}
      />
    </Modal>
  )
}

interface KeyConfirmationProps {
  chosen: { key: Key; action: Action } | undefined
  pending: boolean
  error: Error | null
  onConfirm: () => void
  onClose: () => void
}

function KeyConfirmation({ chosen, ...dialog }: KeyConfirmationProps) {
  const name = chosen && nameOf(chosen.key)
  const revoking = chosen?.action === 'revoke'
  return (
    <ConfirmDialog
      opened={chosen !== undefined}
      title={revoking ? `Revoke ${name}?` : `Rotate ${name}?`}
      confirmLabel={revoking ? 'Revoke' : 'Rotate'}
      {...dialog}
    >
      {revoking
        ? 'It stops working everywhere within a second, for good.'
        : 'A new key takes its place. The old one goes on working for an hour, so that programs can be moved.'}
    </ConfirmDialog>
  )
}

const NEW_KEY = { name: '', expires: '', limit: NO_LIMIT }

function IssueKey({ userId, onIssued }: { userId: string; onIssued: (apiKey: string) => void }) {
  const [form, setForm] = useState(NEW_KEY)
  const issue = useAccountChange(
    () => {
      const body = {
        name: form.name.trim() || undefined,
        expiresAt: form.expires ? new Date(form.expires).toISOString() : undefined,
        creditLimit: limitOf(form.limit),
      }
      return request('POST /v1/admin/users/{id}/keys', { path: { id: userId }, body })
    },
    ({ apiKey }) => {
      setForm(NEW_KEY)
      onIssued(apiKey)
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    issue.mutate(undefined)
  }
  return (
    <Section title="Issue a key">
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="Name"
            placeholder="nightly report"
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
            flex={1}
            miw={180}
          />
          <TextInput
            label="Expires"
            type="datetime-local"
            value={form.expires}
            onChange={(event) => setForm({ ...form, expires: event.currentTarget.value })}
            w={210}
          />
          <CreditLimitFields limit={form.limit} onChange={(limit) => setForm({ ...form, limit })} />
          <Button type="submit" loading={issue.isPending}>
            Issue
          </Button>
        </Group>
      </form>
      {issue.error && <ProblemAlert error={issue.error} />}
    </Section>
  )
}

interface KeyActions {
  change: (key: Key, action: Action) => void
  toggle: (key: Key) => void
  limit: (key: ManagedKey) => void
}

function actionsColumn({ change, toggle, limit }: KeyActions): Column<ManagedKey> {
  return {
    title: 'Change',
    render: (key) =>
      key.status === 'revoked' ? (
        <Text size="sm" c="dimmed">
          —
        </Text>
      ) : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Button size="compact-xs" variant="default" aria-label={`Change the key ${nameOf(key)}`}>
              <IconDots size={14} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => change(key, 'rotate')}>Rotate</Menu.Item>
            <Menu.Item onClick={() => change(key, 'limit')}>Credit limit</Menu.Item>
            <Menu.Item onClick={() => limit(key)}>Limit data</Menu.Item>
            <Menu.Item onClick={() => toggle(key)}>{key.status === 'disabled' ? 'Enable' : 'Disable'}</Menu.Item>
            <Menu.Item color="red" onClick={() => change(key, 'revoke')}>
              Revoke
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ),
  }
}

/** After a rotation there are two keys of one name. */
function nameOf({ name, prefix }: Key): string {
  return name ? `${name} (${prefix}…)` : `${prefix}…`
}
