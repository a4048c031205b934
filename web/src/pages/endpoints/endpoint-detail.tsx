import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { request } from '../../api/http'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { ErrorAlert } from '../../components/error-alert'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { useCurrentSession } from '../../session/session-context'
import { isOperator, mayChange } from '../../session/use-session'
import { EndpointEditor } from './endpoint-editor'
import { EndpointTrial } from './endpoint-trial'
import { useEndpointChange, type AvailableEndpoint, type Endpoint } from './endpoints'

/** The list has all of an endpoint; one of so many is not worth a route of its own. */
const MAX_LISTED = 500

export function EndpointDetail() {
  const name = useParams().name!
  const session = useCurrentSession()
  const available = useQuery({
    queryKey: ['endpoints', 'available'],
    queryFn: ({ signal }) => request('GET /v1/endpoints', { query: { limit: MAX_LISTED }, signal }),
  })
  const declared = useQuery({
    queryKey: ['endpoints', 'one', name],
    queryFn: ({ signal }) => request('GET /v1/admin/endpoints/{name}', { path: { name }, signal }),
    enabled: isOperator(session),
  })
  return (
    <Page
      title={name}
      description={declared.data?.title}
      actions={declared.data && mayChange(session) && <Actions endpoint={declared.data} />}
    >
      {declared.data?.broken && (
        <ErrorAlert title="This endpoint cannot be executed">{declared.data.broken}</ErrorAlert>
      )}
      <Loaded query={available}>{({ data }) => <Trial endpoint={data.find((each) => each.name === name)} />}</Loaded>
    </Page>
  )
}

function Trial({ endpoint }: { endpoint: AvailableEndpoint | undefined }) {
  if (!endpoint) return <Text c="dimmed">No such endpoint can be called with this key.</Text>
  return (
    <>
      {endpoint.description && <Text size="sm">{endpoint.description}</Text>}
      <EndpointTrial key={endpoint.name} endpoint={endpoint} />
    </>
  )
}

function Actions({ endpoint }: { endpoint: Endpoint }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'change' | 'delete'>()
  const remove = useEndpointChange(
    () => request('DELETE /v1/admin/endpoints/{name}', { path: { name: endpoint.name } }),
    () => void navigate('/endpoints'),
  )
  return (
    <>
      <Button onClick={() => setAsked('change')}>Change</Button>
      <Button variant="light" color="red" onClick={() => setAsked('delete')}>
        Delete
      </Button>
      {asked === 'change' && <EndpointEditor endpoint={endpoint} onClose={() => setAsked(undefined)} />}
      <ConfirmDialog
        opened={asked === 'delete'}
        title="Delete this endpoint?"
        confirmLabel="Delete"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined)}
        onClose={() => setAsked(undefined)}
      >
        Whoever calls it gets 404 from then on.
      </ConfirmDialog>
    </>
  )
}
