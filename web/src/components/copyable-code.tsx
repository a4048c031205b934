import { ActionIcon, Box, Code, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

interface CopyableCodeProps {
  /** what it is, for those who do not see it */
  label: string
  code: string
  maxHeight?: number
}

/** Text for a terminal or an editor, with a button that copies it. */
export function CopyableCode({ label, code, maxHeight = 360 }: CopyableCodeProps) {
  return (
    <Box pos="relative" ta="left">
      <Code block mah={maxHeight} pr={48} className="wrapped-code" tabIndex={0} role="region" aria-label={label}>
        {code}
      </Code>
      <Box pos="absolute" top={6} right={6}>
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon
                variant="default"
                size="md"
                onClick={copy}
                aria-label={copied ? `${label}: copied` : `Copy: ${label}`}
              >
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Box>
    </Box>
  )
}
