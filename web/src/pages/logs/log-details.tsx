import { Anchor, Drawer, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { UserNames } from '../../accounts/user-names'
import { request } from '../../api/http'
import { CopyableId } from '../../components/copyable-id'
import { ErrorAlert } from '../../components/error-alert'
import { Facts } from '../../components/facts'
import { formatInstant, formatInteger, formatMeasured } from '../../components/format'
import { anonymousCallerOf } from './anonymous-caller'
import { Caller } from './caller'
import type { LogEntry } from './queries'
import { StatusBadge, titleOfStatus } from './statuses'

interface LogDetailsProps {
  /** undefined: none is open */
  line: LogEntry | undefined
  names: UserNames
  onClose: () => void
}

/** All that is kept of one request. */
export function LogDetails({ line, names, onClose }: LogDetailsProps) {
  return (
    <Drawer
      opened={line !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={line && `${line.method} ${line.endpoint}`}
    >
      {line && <Details line={line} names={names} onLeave={onClose} />}
    </Drawer>
  )
}

function Details({ line, names, onLeave }: { line: LogEntry; names: UserNames; onLeave: () => void }) {
  const { status, errorCode, errorDetail, userId, keyId } = line
  return (
    <Stack>
      {status >= 400 && (
        <ErrorAlert title={titleOfStatus(status)}>
          {errorDetail ?? 'Why is not known: the client went away, or the line is from before reasons were kept.'}
        </ErrorAlert>
      )}
      <Facts
        facts={[
          ['Time', formatInstant(line.timestamp)],
          ['Status', <StatusBadge key="status" status={status} />],
          ['Error code', errorCode],
          ['User', <Caller key="user" line={line} names={names} />],
          ['API key', <KeyOf key="key" line={line} />],
          ['Dataset', line.dataset],
          ['Took', `${formatMeasured(line.durationMs)} ms`],
          ['Credits charged', formatInteger(line.creditsCharged)],
          ['Address', line.ip],
          ['Sent by', line.fromConsole ? 'the console' : null],
          ['Request ID', <CopyableId key="id" id={line.requestId} label="the request ID" />],
        ]}
      />
      {userId && names.get(userId) !== null && (
        <Group gap="md" onClick={onLeave}>
          <Anchor component={Link} to={`/users/${userId}/ledger`} size="sm">
            Credits of this user
          </Anchor>
          <Anchor component={Link} to={`/logs?userId=${userId}`} size="sm">
            All requests of this user
          </Anchor>
          {keyId && (
            <Anchor component={Link} to={`/logs?userId=${userId}&keyId=${keyId}`} size="sm">
              Of this key only
            </Anchor>
          )}
        </Group>
      )}
    </Stack>
  )
}

/** A key by its name and the beginning of it. */
function KeyOf({ line }: { line: LogEntry }) {
  const { userId, keyId } = line
  const keys = useQuery({
    queryKey: ['users', userId, 'keys', 'names'],
    queryFn: ({ signal }) =>
      request('GET /v1/admin/users/{id}/keys', { path: { id: userId! }, query: { limit: 500 }, signal }),
    enabled: userId !== null && keyId !== null,
    retry: false,
  })
  if (keyId === null) return anonymousCallerOf(line) === 'root key' ? 'the root key' : '—'
  const key = keys.data?.data.find(({ id }) => id === keyId)
  return key ? `${key.name ?? 'without a name'} (${key.prefix}…)` : <CopyableId id={keyId} label="the ID of the key" />
}
