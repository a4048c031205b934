import { Skeleton, Stack } from '@mantine/core'

interface PlaceholderProps {
  /** of a whole page: a heading above the lines */
  isPage?: boolean
  /** pixels of one block, where it is known what is to come; otherwise some lines */
  height?: number
}

/** Where something is about to be, while it is on its way. */
export function Placeholder({ isPage, height }: PlaceholderProps) {
  const lines = height === undefined ? Array<number>(isPage ? 6 : 3).fill(28) : [height]
  return (
    <Stack gap={isPage ? 'lg' : 'xs'} role="status" aria-busy="true" aria-label="Loading">
      {isPage && <Skeleton h={36} w={240} maw="100%" />}
      {lines.map((line, at) => (
        <Skeleton key={at} h={line} />
      ))}
    </Stack>
  )
}
