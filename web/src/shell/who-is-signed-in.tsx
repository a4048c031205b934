import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request } from '../api/http'
import { formatInteger } from '../components/format'
import { useCurrentSession } from '../session/session-context'

const REFRESH_MS = 30_000

/** The name, the role where it is not that of a customer, and the credits that are left. */
export function WhoIsSignedIn() {
  const { userId, role } = useCurrentSession()
  const me = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => request('GET /v1/me', { signal }),
    enabled: userId !== null,
    refetchInterval: REFRESH_MS,
  })
  if (userId === null) return <RoleBadge>root key</RoleBadge>
  return (
    <Group gap="xs" wrap="nowrap">
      {me.data && (
        <Text size="sm" fw={600} className="clipped" visibleFrom="xs" title={me.data.user.username}>
          {me.data.user.username}
        </Text>
      )}
      {role !== 'member' && <RoleBadge>{role}</RoleBadge>}
      {me.data && (
        <Text size="sm" className="unbroken figures">
          {formatInteger(me.data.credits)} {me.data.credits === 1 ? 'credit' : 'credits'}
        </Text>
      )}
    </Group>
  )
}

function RoleBadge({ children }: { children: string }) {
  return (
    <Badge variant="light" visibleFrom="xs" tt="none">
      {children}
    </Badge>
  )
}
