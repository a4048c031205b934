import type { LiveFigures } from '../../live/live-metrics'
import type { Slice } from '../../live/live-window'

export interface TabProps {
  figures: LiveFigures
  slices: readonly Slice[]
}
