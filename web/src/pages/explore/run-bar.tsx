import { ActionIcon, Alert, Button, Group, List, Paper, Stack, Text, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconPlayerPlay, IconRefresh } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { formatInteger } from '../../components/format'
import { ProblemAlert } from '../../components/problem-alert'
import { titleOf } from '../../results/result-data'
import { useCurrentSession } from '../../session/session-context'
import { creditsText, useMe } from './credits'
import type { Dataset } from './datasets'
import { missingParts, type ExploreQuery } from './query'
import type { useQueryResult } from './use-query-result'
import type { DryRun } from './use-dry-run'

interface RunBarProps {
  query: ExploreQuery
  dataset: Dataset
  dryRun: UseQueryResult<DryRun>
  result: ReturnType<typeof useQueryResult>
  onRun: () => void
}

/** What the query costs, and the button that spends it; a query whose result is shown is not run by accident. */
export function RunBar({ query, dataset, dryRun, result, onRun }: RunBarProps) {
  const me = useMe()
  const missing = missingParts(query, (name) => titleOf(name, dataset.members))
  const cost = dryRun.data?.costCredits ?? 1
  const isDisabled = missing.length > 0 || dryRun.isError
  const mayRun = !isDisabled && !result.isPending
  useHotkeys([['mod+Enter', () => mayRun && !result.isCurrent && onRun()]], [])
  return (
    <Paper component="section" aria-label="Run" withBorder p="sm" radius="md" className="run-bar">
      <Stack gap="xs">
        <Group gap="sm">
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            onClick={onRun}
            loading={result.isPending}
            disabled={isDisabled || result.isCurrent}
          >
            Run
          </Button>
          {result.isCurrent && !result.isPending && (
            <Tooltip label={`Run again: ${creditsText(cost)}`}>
              <ActionIcon variant="default" size={36} aria-label="Run again" disabled={!mayRun} onClick={onRun}>
                <IconRefresh size={16} />
              </ActionIcon>
            </Tooltip>
          )}
          {result.isPending && (
            <Button variant="default" onClick={result.cancel}>
              Cancel
            </Button>
          )}
          {missing.length === 0 && !dryRun.isError && (
            <Text size="sm" className="figures grows">
              {result.isCurrent ? 'The result below is of this query.' : <Cost dryRun={dryRun.data} />}
              {me.data && ` You have ${creditsText(me.data.credits)}.`}
            </Text>
          )}
        </Group>
        {missing.length > 0 && (
          <List size="sm">
            {missing.map((gap) => (
              <List.Item key={gap}>{gap}</List.Item>
            ))}
          </List>
        )}
        {missing.length === 0 && dryRun.isError && <ProblemAlert error={dryRun.error} />}
        {me.data && me.data.credits < cost && <TooFew cost={cost} credits={me.data.credits} />}
        {result.error && <ProblemAlert error={result.error} />}
      </Stack>
    </Paper>
  )
}

function Cost({ dryRun }: { dryRun: DryRun | undefined }) {
  const isRoot = useCurrentSession().userId === null
  if (!dryRun) return 'Looking up what it costs…'
  const price = isRoot ? 'Free with the root key' : `Costs ${creditsText(dryRun.costCredits)}`
  return `${price} and looks at about ${formatInteger(dryRun.estimatedRows)} rows.`
}

function TooFew({ cost, credits }: { cost: number; credits: number }) {
  return (
    <Alert color="yellow" variant="light" title="Not enough credits">
      It costs {creditsText(cost)} and you have {creditsText(credits)}. Ask the operator of this server for more.
    </Alert>
  )
}
