import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request } from '../../../api/http'
import { Loaded } from '../../../components/loaded'
import { titleOf } from '../../../results/result-data'
import { useSpent } from '../credits'
import type { Dataset } from '../datasets'
import type { ExploreQuery, TimeDimension } from '../query'

interface CoverageProps {
  query: ExploreQuery
  dataset: Dataset
  onOpen: (query: ExploreQuery) => void
}

/** From when to when there are rows, and the way there. Two queries. */
export function Coverage({ query, dataset, onOpen }: CoverageProps) {
  const time = query.timeDimension?.dimension ?? dataset.timeDimension!
  const spent = useSpent()
  const ends = useQuery({
    queryKey: ['coverage', dataset.name, time],
    queryFn: async ({ signal }) => {
      const end = (direction: 'asc' | 'desc') =>
        request('POST /v1/query', {
          body: {
            ...{ dataset: dataset.name, select: [time], limit: 1, order: [[time, direction]] },
            filters: [{ member: time, operator: 'set' as const }],
          },
          signal,
        })
      const [first, last] = [await end('asc'), await end('desc')]
      spent(last.credits.remaining)
      return [first, last].map(({ data: [row] }) => (row ? String(row[time]).slice(0, 10) : undefined))
    },
    staleTime: Infinity,
    retry: false,
  })
  return (
    <Loaded query={ends}>
      {([first, last]) =>
        first === undefined || last === undefined ? (
          <Text size="sm">The dataset has no rows with a date.</Text>
        ) : (
          <Group gap="xs">
            <Text size="sm">
              {titleOf(time, dataset.members)} goes from {first} to {last}.
            </Text>
            {query.timeDimension && <Use {...wayTo(query.timeDimension, first, last)} query={query} onOpen={onOpen} />}
          </Group>
        )
      }
    </Loaded>
  )
}

interface Way {
  label: string
  timeDimension: TimeDimension
}

/** All of it; of compared ranges the last year that there is, and the one before. */
function wayTo({ dimension, granularity, compareDateRange }: TimeDimension, first: string, last: string): Way {
  const time = { dimension, ...(granularity && { granularity }) }
  if (!compareDateRange) return { label: 'Use this range', timeDimension: { ...time, dateRange: [first, last] } }
  const year = Number(last.slice(0, 4))
  const ranges = [year, year - 1].map((each) => [`${each}-01-01`, `${each}-12-31`])
  return { label: `Compare ${year} with ${year - 1}`, timeDimension: { ...time, compareDateRange: ranges } }
}

function Use({ label, timeDimension, query, onOpen }: Way & Pick<CoverageProps, 'query' | 'onOpen'>) {
  return (
    <Button size="xs" variant="default" onClick={() => onOpen({ ...query, timeDimension })}>
      {label}
    </Button>
  )
}
