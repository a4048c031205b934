import { ActionIcon, Group, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'

interface HistoryButtonsProps {
  /** undefined: there is nothing to undo */
  undo: (() => void) | undefined
  redo: (() => void) | undefined
}

/** Steps through the changes of the query. */
export function HistoryButtons({ undo, redo }: HistoryButtonsProps) {
  // In a field these keys are the browser's.
  useHotkeys([
    ['mod+Z', () => undo?.()],
    ['mod+shift+Z', () => redo?.()],
  ])
  return (
    <Group gap={4}>
      <Tooltip label="Undo the change (Ctrl+Z)">
        <ActionIcon variant="default" size={30} aria-label="Undo" disabled={!undo} onClick={undo}>
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo it (Ctrl+Shift+Z)">
        <ActionIcon variant="default" size={30} aria-label="Redo" disabled={!redo} onClick={redo}>
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  )
}
