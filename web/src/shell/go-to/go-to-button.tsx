import { Button, Kbd } from '@mantine/core'
import { useOs } from '@mantine/hooks'
import { IconListSearch } from '@tabler/icons-react'
import { HeaderButton } from '../header-button'

/** Opens what the shortcut opens as well. */
export function GoToButton({ onClick }: { onClick: () => void }) {
  const isApple = ['macos', 'ios'].includes(useOs())
  return (
    <>
      <Button
        variant="default"
        size="xs"
        h={34}
        visibleFrom="sm"
        leftSection={<IconListSearch size={16} />}
        rightSection={<Kbd size="xs">{isApple ? '⌘ K' : 'Ctrl K'}</Kbd>}
        aria-keyshortcuts={isApple ? 'Meta+K' : 'Control+K'}
        onClick={onClick}
      >
        Go to
      </Button>
      <HeaderButton label="Go to" hiddenFrom="sm" onClick={onClick}>
        <IconListSearch size={18} />
      </HeaderButton>
    </>
  )
}
