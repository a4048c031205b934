import { Alert } from '@mantine/core'
import { formatInteger } from '../../components/format'
import type { Slice } from '../../live/live-window'

/** In a burst the server sends a page the newest events only. Totals are of all of them, sums over time are not. */
export function OmittedNote({ slices }: { slices: readonly Slice[] }) {
  const omitted = slices.reduce((sum, slice) => sum + slice.omitted, 0)
  if (omitted === 0) return null
  return (
    <Alert color="yellow" variant="light" title="Some events are not shown">
      {formatInteger(omitted)} events of a burst were counted by the server and not sent to this page: what is summed up
      over time here lacks them, totals and regions have them.
    </Alert>
  )
}
