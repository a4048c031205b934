import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { formatInteger } from '../../components/format'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { ExportMenu } from './result/export-menu'
import { creditsText, useMe } from './credits'
import { missingParts, type ExploreQuery } from './query'
import type { useQueryResult } from './use-query-result'
import type { DryRun } from './use-dry-run'

interface RunBarProps {
  query: ExploreQuery
  dryRun: UseQueryResult<DryRun>
  result: ReturnType<typeof useQueryResult>
  onRun: () => void
}

/** What the query costs, and the buttons that spend it. */
export function RunBar({ query, dryRun, result, onRun }: RunBarProps) {
  const session = useCurrentSession()
  const me = useMe()
  const missing = missingParts(query)
  const cost = dryRun.data?.costCredits ?? 1
  const isRoot = session.userId === null
  const isDisabled = missing.length > 0 || dryRun.isError
  return (
    <Section title="Cost">
      <Stack gap="sm">
        {missing.length > 0 ? (
          <List size="sm">
            {missing.map((gap) => (
              <List.Item key={gap}>{gap}</List.Item>
            ))}
          </List>
        ) : dryRun.isError ? (
          <ProblemAlert error={dryRun.error} />
        ) : (
          <Text size="sm" className="figures">
            {dryRun.data
              ? `${isRoot ? 'Free with the root key' : `Costs ${creditsText(cost)}`} and looks at about ${formatInteger(dryRun.data.estimatedRows)} rows.`
              : 'Looking up what it costs…'}
            {me.data && ` You have ${creditsText(me.data.credits)}.`}
          </Text>
        )}
        {me.data && me.data.credits < cost && <TooFew cost={cost} credits={me.data.credits} />}
        <Group gap="sm">
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            onClick={onRun}
            loading={result.isPending}
            disabled={isDisabled}
          >
            Run
          </Button>
          {result.isPending && (
            <Button variant="default" onClick={result.cancel}>
              Cancel
            </Button>
          )}
          <ExportMenu query={query} cost={cost} disabled={isDisabled} />
        </Group>
        {result.error && <ProblemAlert error={result.error} />}
      </Stack>
    </Section>
  )
}

function TooFew({ cost, credits }: { cost: number; credits: number }) {
  return (
    <Alert color="yellow" variant="light" title="Not enough credits">
      It costs {creditsText(cost)} and you have {creditsText(credits)}. Ask the operator of this server for more.
    </Alert>
  )
}
