import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import { UserSelect } from '../../accounts/user-select'
import { request } from '../../api/http'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'
import { EVENTS, isAboutUser, useWebhookChange, type WebhookEvent } from './webhooks'

const NEW_WEBHOOK = { url: '', events: [] as WebhookEvent[], userId: null as string | null }

/** Asks where to and what of, and shows the secret once. */
export function CreateWebhookDialog({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState(NEW_WEBHOOK)
  const navigate = useNavigate()
  const set = (changes: Partial<typeof form>) => setForm((current) => ({ ...current, ...changes }))
  const create = useWebhookChange(() => request('POST /v1/admin/webhooks', { body: form }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  const created = create.data

  if (created) {
    const close = () => {
      onClose()
      void navigate(`/webhooks/${created.id}`)
    }
    return <SecretDialog title="The secret of this webhook" kind="webhook" secret={created.secret} onClose={close} />
  }
  return (
    <Modal opened onClose={onClose} title="Create webhook">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="URL"
            placeholder="https://example.com/hooks/countinghouse"
            required
            value={form.url}
            onChange={(event) => set({ url: event.currentTarget.value })}
          />
          <EventsInput events={form.events} ofUser={form.userId !== null} onChange={(events) => set({ events })} />
          <UserSelect
            description="Only what happens to this user"
            placeholder="All users"
            userId={form.userId ?? ''}
            onChange={(id) => set({ userId: id || null, events: id ? form.events.filter(isAboutUser) : form.events })}
          />
          {create.error && <ProblemAlert error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!form.url.trim() || form.events.length === 0}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface EventsInputProps {
  events: WebhookEvent[]
  ofUser: boolean
  onChange: (events: WebhookEvent[]) => void
}

function EventsInput({ events, ofUser, onChange }: EventsInputProps) {
  return (
    <Checkbox.Group label="Events" value={events} onChange={(values) => onChange(values)}>
      <Stack gap="xs" mt={4}>
        {(Object.entries(EVENTS) as [WebhookEvent, string][]).map(([event, label]) => (
          <Checkbox
            key={event}
            value={event}
            label={label}
            description={event}
            disabled={ofUser && !isAboutUser(event)}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
