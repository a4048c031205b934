import { Button, Group } from '@mantine/core'
import { Section } from '../../components/section'
import type { Dataset } from './datasets'
import { examplesFor } from './examples'
import type { ExploreQuery } from './query'

interface ExamplesProps {
  datasets: Dataset[]
  dataset: Dataset
  onOpen: (query: ExploreQuery) => void
}

/** For those who start with nothing. */
export function Examples({ datasets, dataset, onOpen }: ExamplesProps) {
  const examples = examplesFor(datasets, dataset)
  if (examples.length === 0) return null
  return (
    <Section title="Start with an example" description="It fills the builder; nothing runs before you press Run.">
      <Group gap="xs">
        {examples.map(({ title, query }) => (
          <Button key={title} size="xs" variant="default" className="wrapping" onClick={() => onOpen(query)}>
            {title}
          </Button>
        ))}
      </Group>
    </Section>
  )
}
