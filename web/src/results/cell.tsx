import { Text } from '@mantine/core'
import { cellText, type NumberWriter } from './value-format'
import type { ResultValue } from './result-data'

/** A value of a table: rounded where that is wanted, with all of its digits on hover. */
export function Cell({ value, writer }: { value: ResultValue; writer?: NumberWriter }) {
  const text = cellText(value, writer)
  if (value === null || value === undefined || value === '') {
    return (
      <Text span size="sm" c="dimmed">
        {text}
      </Text>
    )
  }
  const exact = writer && (typeof value === 'number' || typeof value === 'string') ? writer.exact(value) : text
  return <span title={exact === text ? undefined : exact}>{text}</span>
}
