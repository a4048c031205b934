import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

export interface HeadingProps {
  title: string
  description?: ReactNode
  /** buttons and switches of what the heading stands above */
  actions?: ReactNode
}

/** What a page (1) or a part of it (2) is called, what it is, and what can be done with it. */
export function Heading({ order, title, description, actions }: HeadingProps & { order: 1 | 2 }) {
  return (
    <Group justify="space-between" align={order === 1 ? 'flex-end' : 'flex-start'} gap="xs">
      <div className="breakable">
        <Title order={order} size={order === 1 ? 'h2' : 'h4'}>
          {title}
        </Title>
        {description && (
          <Text component="div" c="dimmed" size="sm">
            {description}
          </Text>
        )}
      </div>
      {actions && <Group gap="sm">{actions}</Group>}
    </Group>
  )
}
