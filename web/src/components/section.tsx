import { Paper, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { Heading, type HeadingProps } from './heading'

/** A card of a page with its heading. */
export function Section({ children, ...heading }: HeadingProps & { children: ReactNode }) {
  return (
    <Paper component="section" aria-label={heading.title} withBorder p="md" radius="md" miw={0}>
      <Stack gap="sm">
        <Heading order={2} {...heading} />
        {children}
      </Stack>
    </Paper>
  )
}
