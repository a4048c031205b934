import { Button, Group, Popover, ScrollArea } from '@mantine/core'
import { IconAdjustments } from '@tabler/icons-react'
import type { ResultData } from '../../../results/result-data'
import type { ResultView } from '../../../results/result-view'
import { ViewOptions } from '../../../results/view-options'
import { ViewPicker } from '../../../results/view-picker'
import type { ExploreQuery } from '../query'
import { ExportMenu } from './export-menu'

interface ResultToolbarProps {
  query: ExploreQuery
  result: ResultData
  view: ResultView
  costCredits: number
  onView: (view: ResultView) => void
}

/** How the result is shown at the left, what becomes of it at the right. */
export function ResultToolbar({ query, result, view, costCredits, onView }: ResultToolbarProps) {
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="xs">
        <ViewPicker result={result} view={view} onChange={onView} />
        <Popover position="bottom-start" width={340} trapFocus withRoles shadow="md">
          <Popover.Target>
            <Button size="xs" variant="default" leftSection={<IconAdjustments size={14} />}>
              Format
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <ScrollArea.Autosize mah={420}>
              <ViewOptions result={result} view={view} onChange={onView} />
            </ScrollArea.Autosize>
          </Popover.Dropdown>
        </Popover>
      </Group>
      <Group gap="xs">
        <ExportMenu query={query} cost={costCredits} disabled={false} />
      </Group>
    </Group>
  )
}
