import { Alert, List, Stack, Text } from '@mantine/core'
import { Section } from '../../../components/section'
import { ColumnsEditor } from '../declaration/columns-editor'
import { DetailsFields } from '../declaration/details-fields'
import { included, type Draft, type DraftColumn } from '../declaration/draft'
import { without } from '../declaration/field-errors'
import { ErrorsNote } from './errors-note'
import { StepButtons } from './step-buttons'
import type { Step } from './steps'
import { changeDraft, type Wizard } from './wizard'

export interface DraftStepProps {
  wizard: Wizard
  draft: Draft
  onStep: (step: Step) => void
}

/** What the dataset is called, and what columns it has. */
export function ColumnsStep({ wizard: { errors, file }, draft, onStep }: DraftStepProps) {
  const changeDetails = (changes: Partial<Draft>) =>
    changeDraft(changes, (all) => Object.keys(changes).reduce(without, all))
  const changeColumns = (columns: DraftColumn[], changed?: DraftColumn) =>
    changeDraft({ columns }, changed && ((all) => without(all, `columns/${changed.id}`)))
  return (
    <>
      <ErrorsNote errors={errors} />
      <Section title="The dataset">
        <DetailsFields draft={draft} errors={errors} isNew onChange={changeDetails} />
      </Section>
      <Section
        title="Columns"
        description={
          file
            ? 'Found in the first rows of the file. Rows with the same key replace each other; without a key every row counts.'
            : 'Rows with the same key replace each other; without a key every row counts.'
        }
      >
        <Stack gap="md">
          <ColumnsEditor columns={draft.columns} errors={errors} onChange={changeColumns} />
          {draft.unusable.length > 0 && <Unusable columns={draft.unusable} />}
        </Stack>
      </Section>
      <StepButtons
        back={{ label: 'Back to the file', onClick: () => onStep('file') }}
        next={{ label: 'Go on to the measures', onClick: () => onStep('measures') }}
        missing={included(draft).length === 0 ? 'Include at least one column.' : undefined}
      />
    </>
  )
}

function Unusable({ columns }: { columns: Draft['unusable'] }) {
  return (
    <Alert color="yellow" variant="light" title="Not loaded">
      <List size="sm">
        {columns.map(({ source, reason }, at) => (
          <List.Item key={at}>
            <Text span size="sm" fw={600}>
              {source || '(no name)'}
            </Text>
            : {reason}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
