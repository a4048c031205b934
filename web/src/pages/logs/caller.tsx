import { Anchor, Text } from '@mantine/core'
import { Link } from 'react-router'
import { anonymousCallerOf } from './anonymous-caller'
import { userLabelOf, type LogEntry, type UserNames } from './queries'

const MEANINGS = {
  'root key': 'The root key belongs to no account',
  'no key': 'No good key came with it, or none was needed',
  unknown: 'No account: the root key, or a caller that is not known',
}

/** Who sent a request. */
export function Caller({ line, names }: { line: LogEntry; names: UserNames }) {
  const { userId } = line
  if (userId === null) {
    const caller = anonymousCallerOf(line)
    return (
      <Text size="sm" c="dimmed" className="unbroken" title={MEANINGS[caller]}>
        {caller}
      </Text>
    )
  }
  const label = userLabelOf(userId, names)
  if (names.get(userId) === null) {
    return (
      <Text size="sm" c="dimmed" className="unbroken" title={userId}>
        {label}
      </Text>
    )
  }
  return (
    <Anchor component={Link} to={`/users/${userId}`} size="sm" title={userId} className="breakable">
      {label}
    </Anchor>
  )
}
