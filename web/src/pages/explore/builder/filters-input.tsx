import { ActionIcon, Button, Code, Group, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { isDimension } from '../datasets'
import { isCondition, type Filter } from '../query'
import { FilterRow } from './filter-row'
import { operatorsFor } from './operators'
import type { BuilderProps } from './builder-props'

/** All of them have to hold. */
export function FiltersInput({ dataset, query, onChange }: BuilderProps) {
  const filters = query.filters ?? []
  // Raw rows have no groups that a measure could be of.
  const members = query.select ? dataset.members.filter(isDimension) : dataset.members
  const set = (at: number, filter: Filter) =>
    onChange({ filters: filters.map((each, index) => (index === at ? filter : each)) })
  const remove = (at: number) => onChange({ filters: filters.filter((_each, index) => index !== at) })
  const add = () => {
    const member = members.find(({ kind }) => kind === 'dimension') ?? members[0]!
    const operator = operatorsFor(member.type)[0]!
    onChange({ filters: [...filters, { member: member.name, operator: operator.name, values: [] }] })
  }
  return (
    <Stack gap="xs" role="group" aria-labelledby="filters-title">
      <Text size="sm" fw={600} id="filters-title">
        Filters
      </Text>
      {filters.map((filter, at) => (
        <Group key={at} gap="xs" align="flex-start" wrap="nowrap" role="group" aria-label={`Filter ${at + 1}`}>
          {isCondition(filter) ? (
            <FilterRow at={at} members={members} condition={filter} onChange={(next) => set(at, next)} />
          ) : (
            <Code className="breakable grows">{JSON.stringify(filter)}</Code>
          )}
          <ActionIcon variant="default" size={36} aria-label={`Remove filter ${at + 1}`} onClick={() => remove(at)}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
          Add a filter
        </Button>
      </Group>
    </Stack>
  )
}
