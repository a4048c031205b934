import { ActionIcon, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { titleOf } from '../../../results/result-data'
import { columnsOf, type Direction } from '../query'
import type { BuilderProps } from './builder-props'

/** What comes first in the result. */
export function OrderInput({ dataset, query, onChange }: BuilderProps) {
  const order = query.order ?? []
  const columns = columnsOf(query)
  const free = columns.filter((column) => !order.some(([name]) => name === column))
  const set = (at: number, entry: [string, Direction]) =>
    onChange({ order: order.map((each, index) => (index === at ? entry : each)) })
  if (columns.length === 0) return null
  return (
    <Stack gap="xs" role="group" aria-labelledby="order-title">
      <Text size="sm" fw={600} id="order-title">
        Order
      </Text>
      {order.map(([name, direction], at) => (
        <Group key={at} gap="xs" wrap="nowrap" role="group" aria-label={`Order ${at + 1}`}>
          <NativeSelect
            className="grows"
            aria-label={`Column of order ${at + 1}`}
            value={name}
            onChange={(event) => set(at, [event.currentTarget.value, direction])}
            data={columns
              .filter((column) => column === name || free.includes(column))
              .map((column) => ({ value: column, label: titleOf(column, dataset.members) }))}
          />
          <NativeSelect
            className="grows"
            aria-label={`Direction of order ${at + 1}`}
            value={direction}
            onChange={(event) => set(at, [name, event.currentTarget.value as Direction])}
            data={[
              { value: 'desc', label: 'Descending' },
              { value: 'asc', label: 'Ascending' },
            ]}
          />
          <ActionIcon
            variant="default"
            size={36}
            aria-label={`Remove order ${at + 1}`}
            onClick={() => onChange({ order: order.filter((_each, index) => index !== at) })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {free.length > 0 && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange({ order: [...order, [free.at(-1)!, 'desc']] })}
          >
            Add an order
          </Button>
        </Group>
      )}
    </Stack>
  )
}
