import { Button, Menu } from '@mantine/core'
import { IconBulb } from '@tabler/icons-react'
import type { Dataset } from './datasets'
import { examplesFor } from './examples'
import type { ExploreQuery } from './query'

interface ExamplesMenuProps {
  datasets: Dataset[]
  dataset: Dataset
  onOpen: (query: ExploreQuery) => void
}

/** The examples once there is a query; the way back to it is the browser's. */
export function ExamplesMenu({ datasets, dataset, onOpen }: ExamplesMenuProps) {
  return (
    // An empty element that takes the focus first is no item of a menu.
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconBulb size={14} />}>
          Examples
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {examplesFor(datasets, dataset).map(({ title, query }) => (
          <Menu.Item key={title} onClick={() => onOpen(query)}>
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
