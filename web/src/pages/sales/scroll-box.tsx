import { Box } from '@mantine/core'
import type { ReactNode } from 'react'

/** Keeps a long table beside a picture from making the page long. The table inside takes the focus of the keyboard. */
export function ScrollBox({ children }: { children: ReactNode }) {
  return (
    <Box mah={320} className="scroll-box">
      {children}
    </Box>
  )
}
