import { Button, Group, Stack, Text } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { distance } from 'fastest-levenshtein'
import { useState } from 'react'
import { request } from '../../../api/http'
import { formatInteger } from '../../../components/format'
import {
  conditionsOf,
  isCondition,
  kindOf,
  groupOf,
  partsOf,
  type Condition,
  type Filter,
} from '../../../filters/filter'
import { titleOf } from '../../../results/result-data'
import { useCurrentSession } from '../../../session/session-context'
import type { Dataset } from '../datasets'
import type { ExploreQuery } from '../query'
import { Coverage } from './coverage'

const LOOKED_THROUGH = 500

interface EmptyResultProps {
  /** the one that found nothing */
  query: ExploreQuery
  /** with what was changed since, which stays */
  current: ExploreQuery
  dataset: Dataset
  onOpen: (query: ExploreQuery) => void
}

/** Why nothing was found, as far as it can be told: values that no row has, and days that the data does not cover. */
export function EmptyResult({ query, current, dataset, onOpen }: EmptyResultProps) {
  const isRoot = useCurrentSession().userId === null
  const [wantsCoverage, setWanted] = useState(isRoot)
  const missing = useMissingValues(query, dataset)
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">
        No rows match the query. The dataset has {formatInteger(dataset.rowCount)} rows: widen the range or remove a
        filter.
      </Text>
      {missing.map(({ condition, value, nearest }) => (
        <Group key={`${condition.member} ${value}`} gap="xs">
          <Text size="sm">
            No row has “{value}” as {titleOf(condition.member, dataset.members)}.
          </Text>
          {nearest !== undefined && (
            <Button
              size="xs"
              variant="default"
              className="wrapping"
              onClick={() =>
                onOpen({ ...current, filters: withValue(current.filters ?? [], condition, value, nearest) })
              }
            >
              Use {nearest}
            </Button>
          )}
        </Group>
      ))}
      {dataset.timeDimension !== null &&
        (wantsCoverage ? (
          <Coverage query={current} dataset={dataset} onOpen={onOpen} />
        ) : (
          <Button size="xs" variant="default" onClick={() => setWanted(true)}>
            Look up which dates there are (two queries)
          </Button>
        ))}
    </Stack>
  )
}

interface MissingValue {
  condition: Condition
  value: string
  nearest: string | undefined
}

/** The texts that filters ask for and no row has; looking them up is free. */
function useMissingValues({ filters = [] }: ExploreQuery, { name, members }: Dataset): MissingValue[] {
  const isText = (member: string) =>
    members.some((each) => each.name === member && each.type === 'text' && each.kind === 'dimension')
  const asked = conditionsOf(filters).filter(({ member, operator }) => operator === 'equals' && isText(member))
  const known = useQueries({
    queries: asked.map(({ member }) => ({
      queryKey: ['values', name, member, '', LOOKED_THROUGH],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        request('GET /v1/datasets/{name}/values/{member}', {
          path: { name, member },
          query: { limit: LOOKED_THROUGH },
          signal,
        }),
    })),
  })
  return asked.flatMap((condition, at) => {
    const data = known[at]?.data
    // Of more values than are looked through none is known to be missing.
    if (!data || data.data.length >= LOOKED_THROUGH) return []
    const values = (condition.values ?? []).map(String).filter((value) => !data.data.includes(value))
    return values.map((value) => ({ condition, value, nearest: nearestOf(value, data.data) }))
  })
}

function nearestOf(value: string, known: string[]): string | undefined {
  const steps = (other: string) => distance(value.toLowerCase(), other.toLowerCase())
  return known.reduce<string | undefined>(
    (best, each) => (best === undefined || steps(each) < steps(best) ? each : best),
    undefined,
  )
}

function withValue(filters: Filter[], wanted: Condition, before: string, after: string): Filter[] {
  return filters.map((filter) => {
    if (!isCondition(filter)) return groupOf(kindOf(filter), withValue(partsOf(filter), wanted, before, after))
    if (filter.member !== wanted.member || filter.operator !== wanted.operator) return filter
    return { ...filter, values: (filter.values ?? []).map((value) => (String(value) === before ? after : value)) }
  })
}
