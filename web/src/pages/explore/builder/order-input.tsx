import { ActionIcon, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { titleOf } from '../datasets'
import { columnsOf, type Direction } from '../question'
import type { BuilderProps } from './question-builder'

/** What comes first in the answer. */
export function OrderInput({ dataset, question, onChange }: BuilderProps) {
  const order = question.order ?? []
  const columns = columnsOf(question)
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
              .map((column) => ({ value: column, label: titleOf(column, dataset) }))}
          />
          <NativeSelect
            className="grows"
            aria-label={`Direction of order ${at + 1}`}
            value={direction}
            onChange={(event) => set(at, [name, event.currentTarget.value as Direction])}
            data={[
              { value: 'desc', label: 'greatest or last first' },
              { value: 'asc', label: 'least or first first' },
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
