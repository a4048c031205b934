import { Group, Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

interface TileFrameProps {
  title: string
  description?: string
  actions?: ReactNode
  children: ReactNode
}

/** A tile: what it is called, and what it shows. */
export function TileFrame({ title, description, actions, children }: TileFrameProps) {
  return (
    <Paper component="article" aria-label={title} withBorder radius="md" className="board-tile-frame">
      <Group justify="space-between" wrap="nowrap" gap="xs" px="sm" pt={8} mih={40}>
        <Title order={2} size="h5" className="board-tile-title" title={description || title}>
          {title}
        </Title>
        {actions && (
          <Group gap={2} wrap="nowrap">
            {actions}
          </Group>
        )}
      </Group>
      <div className="board-tile-body" tabIndex={0} role="group" aria-label={`${title}: content`}>
        {children}
      </div>
    </Paper>
  )
}

/** A text, as it was written. */
export function TextTile({ text }: { text: string }) {
  return (
    <Text component="div" className="board-text">
      {text}
    </Text>
  )
}
