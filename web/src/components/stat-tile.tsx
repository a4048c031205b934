import { Paper, Text } from '@mantine/core'
import type { ReactNode } from 'react'

interface StatTileProps {
  label: string
  value: ReactNode
  hint?: ReactNode
  color?: string
}

/** One figure; put several into a SimpleGrid. */
export function StatTile({ label, value, hint, color }: StatTileProps) {
  return (
    <Paper withBorder p="md" radius="md" role="group" aria-label={label} miw={0}>
      <Text c="dimmed" size="sm">
        {label}
      </Text>
      <div className="stat-tile">
        <Text fw={700} size="xl" c={color} className="figures stat-value" style={{ '--characters': lengthOf(value) }}>
          {value}
        </Text>
      </div>
      {hint && (
        <Text component="div" c="dimmed" size="xs" className="breakable">
          {hint}
        </Text>
      )}
    </Paper>
  )
}

function lengthOf(value: ReactNode): number {
  return Math.max(1, typeof value === 'string' ? value.length : 0)
}
