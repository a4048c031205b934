import { Text } from '@mantine/core'
import { UserLink } from '../../accounts/user-link'
import type { UserNames } from '../../accounts/user-names'
import { anonymousCallerOf } from './anonymous-caller'
import type { LogEntry } from './queries'

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
  return <UserLink id={userId} names={names} />
}
