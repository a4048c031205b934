import { Stack, Tabs, Text } from '@mantine/core'
import { CopyableCode } from '../../../components/copyable-code'
import { Section } from '../../../components/section'
import { tidy, type Question } from '../question'
import type { DryRun } from '../use-dry-run'
import { commandOf } from './command'
import { QuestionAsJson } from './question-as-json'

interface ShareSectionProps {
  question: Question
  dryRun: DryRun | undefined
  onOpen: (question: Question) => void
}

/** The question for programs and for other people. */
export function ShareSection({ question, dryRun, onOpen }: ShareSectionProps) {
  return (
    <Section
      title="Take it along"
      description="The address of this page holds the question: keep it as a bookmark, or pass it on."
    >
      <Tabs defaultValue="json" keepMounted={false}>
        <Tabs.List aria-label="Forms of the question">
          <Tabs.Tab value="json">JSON</Tabs.Tab>
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="sql">SQL</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="json" pt="sm">
          <QuestionAsJson question={question} onOpen={onOpen} />
        </Tabs.Panel>
        <Tabs.Panel value="curl" pt="sm">
          <CopyableCode label="The question as a curl command" code={commandOf(tidy(question))} />
        </Tabs.Panel>
        <Tabs.Panel value="sql" pt="sm">
          <Sql dryRun={dryRun} />
        </Tabs.Panel>
      </Tabs>
    </Section>
  )
}

function Sql({ dryRun }: { dryRun: DryRun | undefined }) {
  if (!dryRun) return <Text size="sm">Complete the question to see it as SQL.</Text>
  return (
    <Stack gap="xs">
      <CopyableCode label="The question as SQL" code={dryRun.sql} />
      {Object.keys(dryRun.params).length > 0 && (
        <CopyableCode label="Parameters of the SQL" code={JSON.stringify(dryRun.params, null, 2)} />
      )}
    </Stack>
  )
}
