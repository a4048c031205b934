import { ActionIcon, type MantineBreakpoint } from '@mantine/core'
import type { ReactNode } from 'react'

interface HeaderButtonProps {
  label: string
  loading?: boolean
  hiddenFrom?: MantineBreakpoint
  onClick: () => void
  /** the icon */
  children: ReactNode
}

/** The browser's own tooltip: the library's would be a tenth of what the first page loads. */
export function HeaderButton({ label, children, ...button }: HeaderButtonProps) {
  return (
    <ActionIcon variant="default" size="lg" title={label} aria-label={label} {...button}>
      {children}
    </ActionIcon>
  )
}
