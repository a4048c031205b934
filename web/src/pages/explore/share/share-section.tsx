import { Stack, Tabs, Text } from '@mantine/core'
import { codeTabs } from '../../../components/code-tabs'
import { CopyableCode } from '../../../components/copyable-code'
import { Section } from '../../../components/section'
import { withoutEmptyParts, type ExploreQuery } from '../query'
import type { DryRun } from '../use-dry-run'
import { QueryJson } from './query-json'
import { queryRequest } from './query-request'

interface ShareSectionProps {
  query: ExploreQuery
  dryRun: DryRun | undefined
  onOpen: (query: ExploreQuery) => void
}

/** The query for programs and for other people. */
export function ShareSection({ query, dryRun, onOpen }: ShareSectionProps) {
  const code = codeTabs('The query', queryRequest(withoutEmptyParts(query)))
  return (
    <Section title="Share and export" description="The address of this page holds the query: bookmark it or share it.">
      <Tabs defaultValue="json" keepMounted={false}>
        <Tabs.List aria-label="Formats of the query">
          <Tabs.Tab value="json">JSON</Tabs.Tab>
          {code.tabs}
          <Tabs.Tab value="sql">SQL</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="json" pt="sm">
          <QueryJson query={query} onOpen={onOpen} />
        </Tabs.Panel>
        {code.panels}
        <Tabs.Panel value="sql" pt="sm">
          <Sql dryRun={dryRun} />
        </Tabs.Panel>
      </Tabs>
    </Section>
  )
}

function Sql({ dryRun }: { dryRun: DryRun | undefined }) {
  if (!dryRun) return <Text size="sm">Complete the query to see it as SQL.</Text>
  const { sql, params = {} } = dryRun
  if (sql === undefined) return <Text size="sm">An access policy applies to you: the SQL is not shown.</Text>
  return (
    <Stack gap="xs">
      <CopyableCode label="The query as SQL" code={sql} />
      {Object.keys(params).length > 0 && (
        <CopyableCode label="Parameters of the SQL" code={JSON.stringify(params, null, 2)} />
      )}
    </Stack>
  )
}
