import { Button, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import { AccessEditor } from '../../access/access-editor'
import type { AccessPolicy, User } from '../../accounts/types'
import { request } from '../../api/http'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { ProfileFields, type Profile } from './profile-fields'
import { useAccountChange } from './use-account-change'

export function SettingsTab({ user }: { user: User }) {
  const session = useCurrentSession()
  if (!mayChange(session)) return <Text c="dimmed">Your key may look at accounts, not change them.</Text>
  return (
    <Stack>
      <ProfileForm user={user} />
      <AccessPolicySection user={user} />
      <AccountStatus user={user} />
    </Stack>
  )
}

function ProfileForm({ user }: { user: User }) {
  const [form, setForm] = useState<Profile>({
    username: user.username,
    firstName: user.firstName ?? '',
    lastName: user.lastName ?? '',
    email: user.email ?? '',
    role: user.role,
    rateLimitPerMinute: user.rateLimitPerMinute ?? '',
    planId: user.planId ?? '',
  })
  const save = useAccountChange(() => {
    const { username, role, ...mayBeEmpty } = form
    const body = {
      username,
      role,
      ...Object.fromEntries(Object.entries(mayBeEmpty).map(([name, value]) => [name, value === '' ? null : value])),
    }
    return request('PATCH /v1/admin/users/{id}', { path: { id: user.id }, body })
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Section title="Profile">
      <form onSubmit={submit}>
        <Stack>
          <ProfileFields profile={form} onChange={(changes) => setForm({ ...form, ...changes })} />
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            {save.isSuccess && (
              <Text size="sm" c="dimmed" role="status">
                Saved
              </Text>
            )}
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

function AccessPolicySection({ user }: { user: User }) {
  const save = useAccountChange((access: AccessPolicy | null) =>
    request('PATCH /v1/admin/users/{id}', { path: { id: user.id }, body: { access } }),
  )
  return (
    <Section title="Data" description="Which datasets, columns and rows the keys of this user can query.">
      <AccessEditor
        access={user.access}
        of="user"
        pending={save.isPending}
        error={save.error}
        isSaved={save.isSuccess}
        onSave={(access) => save.mutate(access)}
      />
    </Section>
  )
}

/** Disabling can be undone, deleting cannot. */
function AccountStatus({ user }: { user: User }) {
  const [deleting, setDeleting] = useState(false)
  const navigate = useNavigate()
  const client = useQueryClient()
  const path = { id: user.id }
  const disabled = user.status === 'disabled'
  const toggle = useAccountChange(() =>
    request('PATCH /v1/admin/users/{id}', { path, body: { status: disabled ? 'active' : 'disabled' } }),
  )
  const remove = useAccountChange(
    () => request('DELETE /v1/admin/users/{id}', { path }),
    () => {
      client.removeQueries({ queryKey: ['user', user.id] })
      void navigate('/users')
    },
  )
  return (
    <Section
      title="Access"
      description="A disabled user's keys stop working within a second, until the user is enabled again. A deleted user does not come back."
    >
      {toggle.error && <ProblemAlert error={toggle.error} />}
      <Group>
        <Button variant="default" loading={toggle.isPending} onClick={() => toggle.mutate(undefined)}>
          {disabled ? 'Enable user' : 'Disable user'}
        </Button>
        <Button color="red" variant="light" onClick={() => setDeleting(true)}>
          Delete user
        </Button>
      </Group>
      <ConfirmDialog
        opened={deleting}
        title={`Delete ${user.username}?`}
        confirmLabel="Delete"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
        onClose={() => setDeleting(false)}
      >
        The keys end and the credits that are left cannot be spent. The ledger and the logs stay, and the username is
        free again.
      </ConfirmDialog>
    </Section>
  )
}
