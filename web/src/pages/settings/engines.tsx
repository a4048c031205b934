import { Badge, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { Facts } from '../../components/facts'
import { formatBytes, formatInteger, formatMeasured } from '../../components/format'
import { Heading } from '../../components/heading'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'

type EngineHealth = Schemas['EngineHealth']

const REFRESH_MS = 10_000

const TITLES: Record<EngineHealth['name'], { title: string; use: string; without?: string }> = {
  postgres: { title: 'PostgreSQL', use: 'accounts, credits, loads and logs' },
  clickhouse: { title: 'ClickHouse', use: 'the rows of all datasets' },
  redis: { title: 'Redis', use: 'cache and rate limits', without: 'Not used: in memory, for each process' },
  rabbitmq: { title: 'RabbitMQ', use: 'the queue of loads', without: 'Not used: the queue is in the process' },
}

/** Each engine as the server finds it now. */
export function Engines() {
  const engines = useQuery({
    queryKey: ['engines'],
    queryFn: ({ signal }) => request('GET /v1/admin/engines', { signal }),
    refetchInterval: REFRESH_MS,
  })
  return (
    <Section title="Engines" description="Asked again every ten seconds.">
      <Loaded query={engines}>
        {({ data }) => (
          <SimpleGrid cols={{ base: 1, sm: 2, xl: 4 }}>
            {(Object.keys(TITLES) as EngineHealth['name'][]).map((name) => (
              <Engine key={name} name={name} engine={data.find((each) => each.name === name)} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Section>
  )
}

function Engine({ name, engine }: { name: EngineHealth['name']; engine: EngineHealth | undefined }) {
  const { title, use, without } = TITLES[name]
  return (
    <Paper withBorder p="sm" role="group" aria-label={title}>
      <Stack gap="xs">
        <Heading order={2} title={title} description={use} actions={engine && <State isUp={engine.isUp} />} />
        {engine ? (
          <Facts
            facts={[
              ['Runs', engine.isEmbedded ? 'embedded, below DATA_DIR' : 'as a server of its own'],
              ['Version', engine.version],
              ['Response', engine.isUp ? `${formatMeasured(engine.latencyMs)} ms` : 'none within 2 seconds'],
              ['Data', engine.usedBytes === null ? null : formatBytes(engine.usedBytes)],
              ['Free on disk', engine.freeBytes === null ? null : formatBytes(engine.freeBytes)],
              ['Replicas behind', engine.lagSeconds === null ? null : `${formatMeasured(engine.lagSeconds)} s`],
              ['Waiting messages', engine.waitingMessages === null ? null : formatInteger(engine.waitingMessages)],
            ]}
          />
        ) : (
          <Text size="sm" c="dimmed">
            {without}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

function State({ isUp }: { isUp: boolean }) {
  return (
    <Badge variant="dot" color={isUp ? 'teal' : 'red'} tt="none">
      {isUp ? 'up' : 'down'}
    </Badge>
  )
}
