import { Button, Group, Text } from '@mantine/core'
import { formatInteger } from '../../../components/format'
import { isCutUnseen, type ResultData } from '../../../results/result-data'

/** More are seldom looked at; the limit in the builder goes further. */
const MORE_ROWS = 5_000

/** Rows that the limit left out are missing in a chart and its sums: the way to them. */
export function CutNote({ result, onLimit }: { result: ResultData; onLimit: (limit: number) => void }) {
  const { rows } = result
  if (!isCutUnseen(result)) return null
  return (
    <Group gap="xs">
      <Text size="sm">Only the first {formatInteger(rows.length)} rows are shown: the limit left others out.</Text>
      {rows.length < MORE_ROWS && (
        <Button size="xs" variant="default" onClick={() => onLimit(MORE_ROWS)}>
          Set the limit to {formatInteger(MORE_ROWS)}
        </Button>
      )}
    </Group>
  )
}
