import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { request } from '../../../api/http'
import { Loaded } from '../../../components/loaded'
import { titleOf } from '../../../results/result-data'
import { useSpent } from '../credits'
import type { Dataset } from '../datasets'
import type { ExploreQuery } from '../query'

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
  const { granularity } = query.timeDimension ?? {}
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
            {query.timeDimension && (
              <Button
                size="xs"
                variant="default"
                onClick={() =>
                  onOpen({
                    ...query,
                    timeDimension: { dimension: time, dateRange: [first, last], ...(granularity && { granularity }) },
                  })
                }
              >
                Use this range
              </Button>
            )}
          </Group>
        )
      }
    </Loaded>
  )
}
