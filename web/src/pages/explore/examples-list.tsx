import { Button, Group } from '@mantine/core'
import { Section } from '../../components/section'
import type { Dataset } from './datasets'
import { examplesFor } from './examples'
import type { Question } from './question'

/** For those who start with nothing. */
export function Examples({ datasets, onOpen }: { datasets: Dataset[]; onOpen: (question: Question) => void }) {
  return (
    <Section title="Start with an example" description="It is built below; nothing is asked before you press Run.">
      <Group gap="xs">
        {examplesFor(datasets).map(({ title, question }) => (
          <Button key={title} size="xs" variant="default" className="wrapping" onClick={() => onOpen(question)}>
            {title}
          </Button>
        ))}
      </Group>
    </Section>
  )
}
