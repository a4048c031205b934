import { Button, Group, Modal, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import type { User } from '../../accounts/types'
import { request } from '../../api/http'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'

interface CreatedUser {
  user: User
  apiKey: string
}

/** Asks for what an account needs and shows its first key once. */
export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({
    username: '',
    firstName: '',
    lastName: '',
    email: '',
    role: 'member',
    credits: 100,
  })
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({
    mutationFn: () => request<CreatedUser>('POST', '/v1/admin/create-user', { body: withoutBlanks(form) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  })
  const set = (changes: Partial<typeof form>) => setForm((current) => ({ ...current, ...changes }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  const created = create.data

  if (created) {
    const close = () => {
      onClose()
      void navigate(`/users/${created.user.id}`)
    }
    return <SecretDialog title={`The key of ${created.user.username}`} secret={created.apiKey} onClose={close} />
  }
  return (
    <Modal opened onClose={onClose} title="Create user">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Username"
            required
            autoComplete="off"
            data-autofocus
            value={form.username}
            onChange={(event) => set({ username: event.currentTarget.value })}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label="First name"
              value={form.firstName}
              onChange={(event) => set({ firstName: event.currentTarget.value })}
            />
            <TextInput
              label="Last name"
              value={form.lastName}
              onChange={(event) => set({ lastName: event.currentTarget.value })}
            />
          </SimpleGrid>
          <TextInput
            label="Email"
            type="email"
            value={form.email}
            onChange={(event) => set({ email: event.currentTarget.value })}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select
              label="Role"
              description="Members ask questions, viewers also look at these pages, admins change everything"
              inputWrapperOrder={['label', 'input', 'description']}
              data={['member', 'viewer', 'admin']}
              allowDeselect={false}
              value={form.role}
              onChange={(role) => set({ role: role ?? 'member' })}
            />
            <NumberInput
              label="Credits"
              description="To begin with; one question costs one"
              inputWrapperOrder={['label', 'input', 'description']}
              min={0}
              allowDecimal={false}
              thousandSeparator=","
              value={form.credits}
              onChange={(credits) => set({ credits: Number(credits) })}
            />
          </SimpleGrid>
          {create.error && <ProblemAlert error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!form.username.trim()}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function withoutBlanks<T extends object>(form: T): Partial<T> {
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value !== '')) as Partial<T>
}
