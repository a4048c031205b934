import { Group, Pagination, Text } from '@mantine/core'
import { formatInteger } from './format'

interface PagerProps {
  limit: number
  offset: number
  total: number
  onChange: (offset: number) => void
}

/** Which part of a long list is shown, and the way to the others. */
export function Pager({ limit, offset, total, onChange }: PagerProps) {
  if (total === 0) return null
  const pages = Math.ceil(total / limit)
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed">
        {formatInteger(offset + 1)}–{formatInteger(Math.min(offset + limit, total))} of {formatInteger(total)}
      </Text>
      {pages > 1 && (
        <Pagination
          size="sm"
          total={pages}
          value={Math.floor(offset / limit) + 1}
          onChange={(page) => onChange((page - 1) * limit)}
          getControlProps={(control) => ({ 'aria-label': `${control} page` })}
          getItemProps={(page) => ({ 'aria-label': `page ${page}` })}
        />
      )}
    </Group>
  )
}
