import { Button, Menu, Text } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Key } from '../accounts/types'
import type { Column } from '../components/data-table'
import { nameOfKey } from './key-columns'

/** A menu of what can be done with a key, but for revoked ones. */
export function keyMenuColumn<K extends Key>(items: (key: K) => ReactNode): Column<K> {
  return {
    title: 'Change',
    render: (key) =>
      key.status === 'revoked' ? (
        <Text size="sm" c="dimmed">
          —
        </Text>
      ) : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Button size="compact-xs" variant="default" aria-label={`Change the key ${nameOfKey(key)}`}>
              <IconDots size={14} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>{items(key)}</Menu.Dropdown>
        </Menu>
      ),
  }
}
