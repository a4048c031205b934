import { Button, Group, Stack, Text } from '@mantine/core'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import type { DraftMeasure } from '../declaration/draft'
import { within, without } from '../declaration/field-errors'
import { MeasuresEditor } from '../declaration/measures-editor'
import { PriceInput } from '../declaration/price-input'
import { formOf } from '../preview/file-form'
import { FileOptionsInput } from '../file-options/file-options-input'
import type { DraftStepProps } from './columns-step'
import { ErrorsNote } from './errors-note'
import { StepButtons } from './step-buttons'
import { changeDraft, lookAt } from './wizard'

/** What can be asked of the dataset, and how its files are written. */
export function MeasuresStep({ wizard: { owner, file, error, errors }, draft, onStep }: DraftStepProps) {
  const changeMeasures = (measures: DraftMeasure[], changed?: DraftMeasure) =>
    changeDraft({ measures }, changed && ((all) => without(all, `measures/${changed.id}`)))
  return (
    <>
      <ErrorsNote errors={errors} />
      <Section title="Measures" description="Figures over groups of rows, such as the sum of a column.">
        <MeasuresEditor measures={draft.measures} columns={draft.columns} errors={errors} onChange={changeMeasures} />
      </Section>
      <Section
        title="How its files are written"
        description="Holds for every file of the dataset; an upload may say otherwise."
      >
        <Stack gap="sm">
          <FileOptionsInput
            value={draft.fileOptions}
            format={file && formatNamed(file)}
            errors={within(errors, 'fileOptions')}
            onChange={(fileOptions) => changeDraft({ fileOptions }, (all) => without(all, 'fileOptions'))}
          />
          {error && <ProblemAlert error={error} />}
          {file && (
            <Group gap="sm">
              <Button size="xs" variant="default" onClick={() => void lookAt(file, owner, draft.fileOptions)}>
                Look at the file again with these options
              </Button>
              <Text size="sm" c="dimmed">
                Replaces the columns and measures.
              </Text>
            </Group>
          )}
        </Stack>
      </Section>
      <Section title="Price" description="Credits that a query of it costs.">
        <PriceInput
          value={draft.price}
          errors={within(errors, 'price')}
          onChange={(price) => changeDraft({ price }, (all) => without(all, 'price'))}
        />
      </Section>
      <StepButtons
        back={{ label: 'Back to the columns', onClick: () => onStep('columns') }}
        next={{ label: 'Go on to the review', onClick: () => onStep('review') }}
      />
    </>
  )
}

/** By its name: what other formats have for options is of no use here. */
function formatNamed({ name }: File): string {
  return formOf(name, new Uint8Array()).format
}
