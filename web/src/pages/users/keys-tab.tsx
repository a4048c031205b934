import { Button, Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useAccessCatalog } from '../../access/access-catalog'
import { accessColumn } from '../../access/access-column'
import { AccessDialog } from '../../access/access-dialog'
import type { AccessPolicy, ManagedKey, User } from '../../accounts/types'
import { request } from '../../api/http'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { Loaded } from '../../components/loaded'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'
import { Section } from '../../components/section'
import { KEY_COLUMNS, nameOfKey } from '../../keys/key-columns'
import { KeyConfirmation, OVERLAP_SECONDS, type KeyEnd } from '../../keys/key-confirmation'
import { KeyDialog } from '../../keys/key-dialog'
import { keyFormOf, NEW_KEY, type KeySettings } from '../../keys/key-form'
import { keyMenuColumn } from '../../keys/key-menu'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { useAccountChange } from './use-account-change'

/** `'new'`: one is being issued. */
type Edited = { key: ManagedKey; part: 'settings' | 'access' } | 'new'

/** The keys of a user, with their limits, networks and policies. */
export function KeysTab({ user }: { user: User }) {
  const path = { id: user.id }
  const [secret, setSecret] = useState<string>()
  const [edited, setEdited] = useState<Edited>()
  const [ending, setEnding] = useState<KeyEnd>()
  const session = useCurrentSession()
  const catalog = useAccessCatalog()
  const keys = useQuery({
    queryKey: ['keys', user.id],
    queryFn: ({ signal }) => request('GET /v1/admin/users/{id}/keys', { path, query: { limit: 200 }, signal }),
  })
  const toggle = useAccountChange(({ id, status }: ManagedKey) =>
    request('PATCH /v1/admin/users/{id}/keys/{keyId}', {
      path: { ...path, keyId: id },
      body: { status: status === 'disabled' ? 'active' : 'disabled' },
    }),
  )
  const end = useAccountChange(
    ({ key, action }: KeyEnd) => {
      const one = { path: { ...path, keyId: key.id } }
      const body = { overlapSeconds: OVERLAP_SECONDS }
      return action === 'revoke'
        ? request('DELETE /v1/admin/users/{id}/keys/{keyId}', one)
        : request('POST /v1/admin/users/{id}/keys/{keyId}/rotate', { ...one, body })
    },
    (response) => {
      setEnding(undefined)
      setSecret(response?.apiKey)
    },
  )
  const columns: Column<ManagedKey>[] = [...KEY_COLUMNS, accessColumn('key', catalog)]
  const close = () => setEdited(undefined)
  const issueButton = mayChange(session) && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      Issue a key
    </Button>
  )
  if (mayChange(session))
    columns.push(
      keyMenuColumn((key) => (
        <>
          <Menu.Item onClick={() => setEnding({ key, action: 'rotate' })}>Rotate</Menu.Item>
          <Menu.Item onClick={() => setEdited({ key, part: 'settings' })}>Limits, networks and expiry</Menu.Item>
          <Menu.Item onClick={() => setEdited({ key, part: 'access' })}>Limit data</Menu.Item>
          <Menu.Item onClick={() => toggle.mutate(key)}>{key.status === 'disabled' ? 'Enable' : 'Disable'}</Menu.Item>
          <Menu.Item color="red" onClick={() => setEnding({ key, action: 'revoke' })}>
            Revoke
          </Menu.Item>
        </>
      )),
    )
  return (
    <Section title="Keys" description="What clients send, and what each may use." actions={issueButton}>
      {toggle.error && <ProblemAlert error={toggle.error} />}
      <Loaded query={keys}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title="No keys">Issue one: without a key nobody can use this account.</EmptyState>
          ) : (
            <DataTable label="Keys" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={1000} />
          )
        }
      </Loaded>
      <EditedKey
        userId={user.id}
        edited={edited}
        onIssued={(apiKey) => {
          close()
          setSecret(apiKey)
        }}
        onClose={close}
      />
      <KeyConfirmation
        chosen={ending}
        pending={end.isPending}
        error={end.error}
        onConfirm={() => ending && end.mutate(ending)}
        onClose={() => setEnding(undefined)}
      />
      <SecretDialog title={`A key of ${user.username}`} secret={secret} onClose={() => setSecret(undefined)} />
    </Section>
  )
}

interface EditedKeyProps {
  userId: string
  edited: Edited | undefined
  onIssued: (apiKey: string) => void
  onClose: () => void
}

/** The dialog of what is being edited; none while nothing is. */
function EditedKey({ edited, ...props }: EditedKeyProps) {
  if (edited === undefined) return null
  if (edited === 'new') return <IssueKey {...props} />
  return edited.part === 'access' ? (
    <KeyAccess managed={edited.key} {...props} />
  ) : (
    <ChangeKey managed={edited.key} {...props} />
  )
}

function IssueKey({ userId, onIssued, onClose }: Omit<EditedKeyProps, 'edited'>) {
  const issue = useAccountChange(
    (body: KeySettings) => request('POST /v1/admin/users/{id}/keys', { path: { id: userId }, body }),
    ({ apiKey }) => onIssued(apiKey),
  )
  return (
    <KeyDialog
      title="Issue a key"
      submitLabel="Issue"
      initial={NEW_KEY}
      unset={{ networks: 'from anywhere', expires: 'never' }}
      save={issue}
      onClose={onClose}
    />
  )
}

interface OneKeyProps {
  userId: string
  managed: ManagedKey
  onClose: () => void
}

function ChangeKey({ userId, managed, onClose }: OneKeyProps) {
  const save = useKeyChange<KeySettings>({ userId, managed, onClose })
  return (
    <KeyDialog
      title={`Change ${nameOfKey(managed)}`}
      submitLabel="Save"
      initial={keyFormOf(managed)}
      unset={{ networks: 'from anywhere', expires: 'never' }}
      save={save}
      onClose={onClose}
    />
  )
}

function KeyAccess({ userId, managed, onClose }: OneKeyProps) {
  const save = useKeyChange<{ access: AccessPolicy | null }>({ userId, managed, onClose })
  return (
    <AccessDialog
      title={`What ${nameOfKey(managed)} may see`}
      access={managed.access}
      of="key"
      save={{ ...save, mutate: (access) => save.mutate({ access }) }}
      onClose={onClose}
    />
  )
}

function useKeyChange<Changes extends KeySettings | { access: AccessPolicy | null }>({
  userId,
  managed,
  onClose,
}: OneKeyProps) {
  return useAccountChange(
    (body: Changes) =>
      request('PATCH /v1/admin/users/{id}/keys/{keyId}', { path: { id: userId, keyId: managed.id }, body }),
    onClose,
  )
}
