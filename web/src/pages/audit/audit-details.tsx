import { Anchor, Drawer, Group, Stack } from '@mantine/core'
import { Link } from 'react-router'
import type { UserNames } from '../../accounts/user-names'
import type { Schemas } from '../../api/http'
import { CopyableId } from '../../components/copyable-id'
import { Facts } from '../../components/facts'
import { formatInstant } from '../../components/format'
import { Section } from '../../components/section'
import { inWords, pathOfTarget, phraseOf } from './actions'
import { Actor } from './actor'
import { factsOf } from './details'

export type AuditEntry = Schemas['AuditEntry']

interface AuditDetailsProps {
  /** undefined: none is open */
  entry: AuditEntry | undefined
  names: UserNames
  onClose: () => void
}

/** One change, with all that is kept of it. */
export function AuditDetails({ entry, names, onClose }: AuditDetailsProps) {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={entry && inWords(phraseOf(entry.action))}
    >
      {entry && <Details entry={entry} names={names} onLeave={onClose} />}
    </Drawer>
  )
}

function Details({ entry, names, onLeave }: { entry: AuditEntry; names: UserNames; onLeave: () => void }) {
  const { action, target, details } = entry
  const facts = factsOf(details)
  const path = target === null ? undefined : pathOfTarget(action, target)
  return (
    <Stack>
      <Facts
        facts={[
          ['When', formatInstant(entry.at)],
          ['Who', <Actor key="actor" actor={entry.actor} names={names} />],
          ['Action', action],
          ['Acted on', target && <CopyableId key="target" id={target} label="what was acted on" />],
        ]}
      />
      {facts.length > 0 && (
        <Section title="What was changed">
          <Facts facts={facts.map(({ name, value }) => [name, value])} />
        </Section>
      )}
      {target && (
        <Group gap="md" onClick={onLeave}>
          {path && (
            <Anchor component={Link} to={path} size="sm">
              Go to it
            </Anchor>
          )}
          <Anchor component={Link} to={`/audit?target=${encodeURIComponent(target)}`} size="sm">
            All changes of it
          </Anchor>
        </Group>
      )}
    </Stack>
  )
}
