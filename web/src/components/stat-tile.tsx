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
    <Paper withBorder p="md" radius="md" role="group" aria-label={label}>
      <Text c="dimmed" size="sm">
        {label}
      </Text>
      <Text fw={700} size="xl" c={color} className="figures">
        {value}
      </Text>
      {hint && (
        <Text component="div" c="dimmed" size="xs">
          {hint}
        </Text>
      )}
    </Paper>
  )
}
