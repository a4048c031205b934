import { Alert, Anchor, Button, Group, List, Stack, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from 'react-router'
import { CopyableCode } from '../../components/copyable-code'
import { formatInteger } from '../../components/format'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { ExportMenu } from './answer/export-menu'
import { creditsText, useMe } from './credits'
import { gapsOf, tidy, type Question } from './question'
import { commandOf } from './share/command'
import type { useAnswer } from './use-answer'
import type { DryRun } from './use-dry-run'

interface RunBarProps {
  question: Question
  dryRun: UseQueryResult<DryRun>
  answer: ReturnType<typeof useAnswer>
  onRun: () => void
}

/** What the question costs, and the buttons that spend it. */
export function RunBar({ question, dryRun, answer, onRun }: RunBarProps) {
  const session = useCurrentSession()
  const me = useMe()
  const gaps = gapsOf(question)
  const cost = dryRun.data?.costCredits ?? 1
  const isUnpaid = session.userId === null && cost > 0
  const cannotPay = isUnpaid || (me.data !== undefined && me.data.credits < cost)
  const isDisabled = gaps.length > 0 || dryRun.isError || isUnpaid
  return (
    <Section title="Cost">
      <Stack gap="sm">
        {gaps.length > 0 ? (
          <List size="sm">
            {gaps.map((gap) => (
              <List.Item key={gap}>{gap}</List.Item>
            ))}
          </List>
        ) : dryRun.isError ? (
          <ProblemAlert error={dryRun.error} />
        ) : (
          <Text size="sm" className="figures">
            {dryRun.data
              ? `Costs ${creditsText(cost)} and looks at about ${formatInteger(dryRun.data.estimatedRows)} rows.`
              : 'Looking up what it costs…'}
            {me.data && ` You have ${creditsText(me.data.credits)}.`}
          </Text>
        )}
        {isUnpaid ? <NoAccount question={question} /> : cannotPay && <TooFew cost={cost} credits={me.data!.credits} />}
        <Group gap="sm">
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            onClick={onRun}
            loading={answer.isPending}
            disabled={isDisabled}
          >
            Run
          </Button>
          {answer.isPending && (
            <Button variant="default" onClick={answer.cancel}>
              Cancel
            </Button>
          )}
          <ExportMenu question={question} cost={cost} disabled={isDisabled} />
        </Group>
        {answer.error && <ProblemAlert error={answer.error} />}
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

function NoAccount({ question }: { question: Question }) {
  return (
    <Alert color="yellow" variant="light" title="The root key has no account that could pay">
      <Stack gap="xs">
        <Text size="sm">
          Create a user with credits on the{' '}
          <Anchor component={Link} to="/users" size="sm" c="inherit" underline="always">
            Users
          </Anchor>{' '}
          page and sign in with its key, or ask from a terminal with that key:
        </Text>
        <CopyableCode label="Command that asks with a key" code={commandOf(tidy(question))} maxHeight={160} />
      </Stack>
    </Alert>
  )
}
