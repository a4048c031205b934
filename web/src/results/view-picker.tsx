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
import type { ResultView, ViewType } from './result-view'
import { fittingView, viewsFor } from './views-for'

const VIEWS: Record<ViewType, { label: string; icon: Icon }> = {
  table: { label: 'Table', icon: IconTable },
  line: { label: 'Line', icon: IconChartLine },
  bar: { label: 'Bars', icon: IconChartBar },
  stackedBar: { label: 'Stacked bars', icon: IconChartHistogram },
  area: { label: 'Area', icon: IconChartArea },
  ring: { label: 'Ring', icon: IconChartDonut },
  figure: { label: 'Figures', icon: IconNumber123 },
  pivot: { label: 'Pivot', icon: IconTablePlus },
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
        const { label, icon: ViewIcon } = VIEWS[type]
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
