import { Button, Group, Modal, NumberInput, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import { request, type Schemas } from '../../api/http'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'
import { ProfileFields, type Profile } from './profile-fields'

const NEW_USER: Profile & { credits: number } = {
  ...{ username: '', firstName: '', lastName: '', email: '' },
  ...{ role: 'member', rateLimitPerMinute: '', planId: '', credits: 100 },
}

/** Asks for what an account needs and shows its first key once. */
export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState(NEW_USER)
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({
    mutationFn: () => request('POST /v1/admin/create-user', { body: withoutBlanks(form) }),
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
          <ProfileFields profile={form} onChange={set}>
            <NumberInput
              label="Credits"
              description="The first grant, in credits"
              inputWrapperOrder={['label', 'input', 'description']}
              min={0}
              allowDecimal={false}
              thousandSeparator=","
              value={form.credits}
              onChange={(credits) => set({ credits: Number(credits) })}
            />
          </ProfileFields>
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

function withoutBlanks(form: object): Schemas['CreateUserBody'] {
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value !== '')) as Schemas['CreateUserBody']
}
