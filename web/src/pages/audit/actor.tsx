import { Text } from '@mantine/core'
import { UserLink } from '../../accounts/user-link'
import type { UserNames } from '../../accounts/user-names'

/** as the audit trail names the root key */
export const ROOT = 'root'

/** Who acted. */
export function Actor({ actor, names }: { actor: string; names: UserNames }) {
  if (actor !== ROOT) return <UserLink id={actor} names={names} />
  return (
    <Text component="span" size="sm" className="unbroken">
      the root key
    </Text>
  )
}
