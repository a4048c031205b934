import { Stack } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { Heading, type HeadingProps } from './heading'

export function Page({ children, ...heading }: HeadingProps & { children: ReactNode }) {
  useDocumentTitle(`${heading.title} · Countinghouse`)
  return (
    <Stack gap="lg">
      <Heading order={1} {...heading} />
      {children}
    </Stack>
  )
}
