import { ActionIcon, Group, Tooltip } from '@mantine/core'
import {
  IconChartArea,
  IconChartBar,
  IconChartDonut,
  IconChartHistogram,
  IconChartLine,
  IconNumber123,
  IconTable,
  IconTablePlus,
  type Icon,
} from '@tabler/icons-react'
import type { ResultData } from './result-data'
import { VIEW_NAMES, type ResultView, type ViewType } from './result-view'
import { fittingView, viewsFor } from './views-for'

const ICONS: Record<ViewType, Icon> = {
  table: IconTable,
  line: IconChartLine,
  bar: IconChartBar,
  stackedBar: IconChartHistogram,
  area: IconChartArea,
  ring: IconChartDonut,
  figure: IconNumber123,
  pivot: IconTablePlus,
}

interface ViewPickerProps {
  result: Pick<ResultData, 'query' | 'members'>
  view: ResultView | undefined
  onChange: (view: ResultView) => void
}

/** The views that suit the result. */
export function ViewPicker({ result, view, onChange }: ViewPickerProps) {
  const shown = fittingView(view, result)
  return (
    <Group gap={4} role="group" aria-label="Show as">
      {viewsFor(result).map((type) => {
        const ViewIcon = ICONS[type]
        const label = VIEW_NAMES[type]
        const isChosen = type === shown.type
        return (
          <Tooltip key={type} label={label}>
            <ActionIcon
              variant={isChosen ? 'filled' : 'default'}
              size="lg"
              aria-label={label}
              aria-pressed={isChosen}
              onClick={() => onChange({ ...shown, type })}
            >
              <ViewIcon size={18} />
            </ActionIcon>
          </Tooltip>
        )
      })}
    </Group>
  )
}
