import { Stack, Text } from '@mantine/core'
import { CopyableCode } from '../../components/copyable-code'
import { EmptyState } from '../../components/empty-state'
import { Placeholder } from '../../components/placeholder'

export function NoEvents({ isWaiting }: { isWaiting: boolean }) {
  if (isWaiting) return <Placeholder />
  const post = [
    `curl -H "x-api-key: $ROOT" ${window.location.origin}/api/ingest \\`,
    `  --json '{"source":"shop-1","type":"sale","values":{"amount":12.5,"user":"ada","region":"Europe"}}'`,
  ].join('\n')
  return (
    <EmptyState title="No event has come yet">
      <Stack gap="xs">
        <Text size="sm">Send one, and it appears here within half a second:</Text>
        <CopyableCode label="Command that sends an event" code={post} />
        <Text size="sm">Or generate some (set COUNTINGHOUSE_API_KEY to the key first):</Text>
        <CopyableCode
          label="Command that generates events"
          code={`npx countinghouse generate events --url ${window.location.origin} --rate 20`}
        />
      </Stack>
    </EmptyState>
  )
}
