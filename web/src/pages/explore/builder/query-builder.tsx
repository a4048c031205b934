import { NativeSelect, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core'
import { Section } from '../../../components/section'
import { formatInteger, formatAgo } from '../../../components/format'
import { isDimension, isMeasure, isTime, type Dataset } from '../datasets'
import { ExamplesMenu } from '../examples-menu'
import { isBlank, type Question } from '../question'
import { FiltersInput } from './filters-input'
import { MembersInput } from './members-input'
import { MoreInputs } from './more-inputs'
import { OrderInput } from './order-input'
import { TimeInput } from './time-input'
import { withColumns } from './with-columns'

export interface BuilderProps {
  dataset: Dataset
  question: Question
  onChange: (changes: Partial<Question>) => void
}

interface QuestionBuilderProps extends BuilderProps {
  datasets: Dataset[]
  onOpen: (question: Question) => void
}

/** Every part of a question as a field. */
export function QuestionBuilder({ datasets, dataset, question, onChange, onOpen }: QuestionBuilderProps) {
  const parts = { dataset, question, onChange }
  return (
    <Section
      title="Question"
      description={<About dataset={dataset} />}
      actions={!isBlank(question) && <ExamplesMenu datasets={datasets} onOpen={onOpen} />}
    >
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label="Dataset"
            value={dataset.name}
            onChange={(event) => onOpen({ dataset: event.currentTarget.value })}
            data={datasets.map(({ name, title }) => ({ value: name, label: title }))}
          />
          <Kind {...parts} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Columns {...parts} />
        </SimpleGrid>
        {dataset.members.some(isTime) && <TimeInput {...parts} />}
        <FiltersInput {...parts} />
        <OrderInput {...parts} />
        <MoreInputs {...parts} />
      </Stack>
    </Section>
  )
}

function About({ dataset: { description, rowCount, lastIngestion } }: { dataset: Dataset }) {
  const age = lastIngestion ? `, the last of them ${formatAgo(lastIngestion)}` : ''
  return `${description} ${formatInteger(rowCount)} rows${age}.`
}

/** Groups with figures, or the rows themselves. */
function Kind({ dataset, question, onChange }: BuilderProps) {
  const choose = (kind: string) => {
    if (kind === 'groups') return onChange(withColumns(question, { select: undefined }))
    const range = question.timeDimension && { ...question.timeDimension, granularity: undefined }
    const hasRange = range?.dateRange !== undefined || range?.compareDateRange !== undefined
    const select = question.dimensions?.length ? question.dimensions : [dataset.key]
    onChange(
      withColumns(question, {
        select,
        measures: undefined,
        dimensions: undefined,
        timeDimension: hasRange ? range : undefined,
      }),
    )
  }
  return (
    <div>
      <Text size="sm" fw={600} id="question-kind">
        Answer
      </Text>
      <SegmentedControl
        aria-labelledby="question-kind"
        value={question.select ? 'rows' : 'groups'}
        onChange={choose}
        data={[
          { value: 'groups', label: 'Figures of groups' },
          { value: 'rows', label: 'Single rows' },
        ]}
      />
    </div>
  )
}

function Columns({ dataset, question, onChange }: BuilderProps) {
  const dimensions = dataset.members.filter(isDimension)
  if (question.select) {
    return (
      <MembersInput
        label="Columns"
        placeholder="What to show of each row"
        members={dimensions}
        value={question.select}
        onChange={(select) => onChange(withColumns(question, { select }))}
      />
    )
  }
  // What is cut into periods cannot be a group of its own beside that.
  const time = question.timeDimension?.granularity ? question.timeDimension.dimension : undefined
  return (
    <>
      <MembersInput
        label="Figures"
        placeholder="What to count or add up"
        members={dataset.members.filter(isMeasure)}
        value={question.measures ?? []}
        onChange={(measures) => onChange(withColumns(question, { measures }))}
      />
      <MembersInput
        label="For each"
        placeholder="One group for each value of these"
        members={dimensions.filter(({ name }) => name !== time)}
        value={question.dimensions ?? []}
        onChange={(names) => onChange(withColumns(question, { dimensions: names }))}
      />
    </>
  )
}
