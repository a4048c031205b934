import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'

interface ErrorAlertProps {
  title: string
  children: ReactNode
  icon?: ReactNode
  /** It came of what was just done, so it is read out. */
  isAnswer?: boolean
}

/** Every error that is more than a line beside a field looks like this. */
export function ErrorAlert({ title, children, icon = <IconAlertTriangle />, isAnswer }: ErrorAlertProps) {
  return (
    <Alert color="red" variant="light" icon={icon} title={title} role={isAnswer ? 'alert' : undefined}>
      {children}
    </Alert>
  )
}
