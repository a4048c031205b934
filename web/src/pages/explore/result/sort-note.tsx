import { Button, Group, Text } from '@mantine/core'
import { formatInteger } from '../../../components/format'
import { titleOf, type ResultData } from '../../../results/result-data'

interface SortNoteProps {
  result: ResultData
  sorted: [column: string, direction: 'asc' | 'desc']
  onOrder: () => void
}

/** Rows that the limit left out are in no sorting here. */
export function SortNote({ result: { rows, members }, sorted: [column, direction], onOrder }: SortNoteProps) {
  return (
    <Group gap="xs">
      <Text size="sm">Only the {formatInteger(rows.length)} rows shown are sorted: the limit left others out.</Text>
      <Button size="xs" variant="default" className="wrapping" onClick={onOrder}>
        Order the query by {titleOf(column, members)}, {direction === 'desc' ? 'descending' : 'ascending'}
      </Button>
    </Group>
  )
}
