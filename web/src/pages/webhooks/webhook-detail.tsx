import { Alert, Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { StatusBadge } from '../../accounts/status-badge'
import { request } from '../../api/http'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { CopyableId } from '../../components/copyable-id'
import { formatInstant } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { ProblemAlert } from '../../components/problem-alert'
import { SecretDialog } from '../../components/secret-dialog'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { Deliveries } from './deliveries'
import { useWebhookChange, type Webhook } from './webhooks'

export function WebhookDetail() {
  const path = { id: useParams().id! }
  const session = useCurrentSession()
  const webhook = useQuery({
    queryKey: ['webhooks', 'one', path.id],
    queryFn: ({ signal }) => request('GET /v1/admin/webhooks/{id}', { path, signal }),
  })
  return (
    <Page
      title="Webhook"
      description={webhook.data?.url}
      actions={webhook.data && mayChange(session) && <Actions webhook={webhook.data} />}
    >
      <Loaded query={webhook}>
        {(data) => (
          <>
            <Summary webhook={data} />
            <Deliveries webhook={data} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Summary({ webhook: { id, status, disabledReason, events, previousSecretExpiresAt } }: { webhook: Webhook }) {
  return (
    <>
      <Group gap="sm">
        <StatusBadge status={status} />
        <Text size="sm">{events.join(', ')}</Text>
        <CopyableId id={id} label="the ID of this webhook" />
      </Group>
      {disabledReason && (
        <Alert color="yellow" variant="light" title="Nothing is sent">
          {disabledReason}
        </Alert>
      )}
      {previousSecretExpiresAt && (
        <Text size="sm" c="dimmed">
          The secret before this one is good until {formatInstant(previousSecretExpiresAt)}.
        </Text>
      )}
    </>
  )
}

function Actions({ webhook }: { webhook: Webhook }) {
  const path = { id: webhook.id }
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'rotate' | 'delete'>()
  const [secret, setSecret] = useState<string>()
  const isActive = webhook.status === 'active'
  const test = useWebhookChange(() => request('POST /v1/admin/webhooks/{id}/test', { path }))
  const toggle = useWebhookChange(() =>
    request('PATCH /v1/admin/webhooks/{id}', { path, body: { status: isActive ? 'disabled' : 'active' } }),
  )
  const rotate = useWebhookChange(
    () => request('POST /v1/admin/webhooks/{id}/rotate', { path, body: {} }),
    (rotated) => {
      setAsked(undefined)
      setSecret(rotated.secret)
    },
  )
  const remove = useWebhookChange(
    () => request('DELETE /v1/admin/webhooks/{id}', { path }),
    () => void navigate('/webhooks'),
  )
  const error = test.error ?? toggle.error
  return (
    <>
      {error && <ProblemAlert error={error} />}
      <Button disabled={!isActive} loading={test.isPending} onClick={() => test.mutate(undefined)}>
        Send test
      </Button>
      <Button variant="default" onClick={() => setAsked('rotate')}>
        Rotate secret
      </Button>
      <Button variant="default" loading={toggle.isPending} onClick={() => toggle.mutate(undefined)}>
        {isActive ? 'Disable' : 'Enable'}
      </Button>
      <Button variant="default" onClick={() => setAsked('delete')}>
        Delete
      </Button>
      <ConfirmDialog
        opened={asked === 'rotate'}
        title="Rotate the secret?"
        confirmLabel="Rotate"
        pending={rotate.isPending}
        error={rotate.error}
        onConfirm={() => rotate.mutate(undefined)}
        onClose={() => setAsked(undefined)}
      >
        A new secret takes its place. For a day webhooks are signed with both, so that the receiver can change over.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asked === 'delete'}
        title="Delete this webhook?"
        confirmLabel="Delete"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
        onClose={() => setAsked(undefined)}
      >
        What is not delivered yet is canceled.
      </ConfirmDialog>
      <SecretDialog
        title="The new secret of this webhook"
        kind="webhook"
        secret={secret}
        onClose={() => setSecret(undefined)}
      />
    </>
  )
}
