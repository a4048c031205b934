import { Stack, Tabs, Text } from '@mantine/core'
import { CopyableCode } from '../../../components/copyable-code'
import { formatInteger } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { declarationOf } from '../declaration/declaration-of'
import { useDeclare } from '../declaration/declarations'
import { areAllPlaced, fieldErrorsOf } from '../declaration/field-errors'
import { startUpload } from '../upload/current-upload'
import type { DraftStepProps } from './columns-step'
import { cliOf, curlOf, jsonOf } from './commands'
import { StepButtons } from './step-buttons'
import { stepWithErrors } from './steps'
import { declared, showErrors } from './wizard'

/** The declaration as it will be sent. */
export function ReviewStep({ wizard: { file, owner }, draft, onStep }: DraftStepProps) {
  const declare = useDeclare()
  const declaration = declarationOf(draft)
  const send = () =>
    declare.mutate(declaration, {
      onSuccess: ({ name }) => {
        declared()
        if (file) void startUpload({ file, owner, options: { dataset: name, onError: 'quarantine', force: false } })
        onStep('load')
      },
      onError: (error) => {
        const errors = fieldErrorsOf(error, draft)
        showErrors(errors)
        const step = stepWithErrors(errors)
        if (step && areAllPlaced(error, draft)) onStep(step)
      },
    })
  return (
    <>
      <Section title="The declaration" description={summary(declaration)}>
        <Tabs defaultValue="json" keepMounted={false}>
          <Tabs.List aria-label="Formats of the declaration">
            <Tabs.Tab value="json">JSON</Tabs.Tab>
            <Tabs.Tab value="curl">curl</Tabs.Tab>
            <Tabs.Tab value="cli">Command line</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="json" pt="sm">
            <CopyableCode label="The declaration as JSON" code={jsonOf(declaration)} />
          </Tabs.Panel>
          <Tabs.Panel value="curl" pt="sm">
            <CopyableCode label="The declaration as a curl command" code={curlOf(declaration)} />
          </Tabs.Panel>
          <Tabs.Panel value="cli" pt="sm">
            <Stack gap="xs">
              <Text size="sm">Save the JSON as {declaration.name || 'dataset'}.json first.</Text>
              <CopyableCode label="Commands that declare the dataset" code={cliOf(declaration, file?.name)} />
            </Stack>
          </Tabs.Panel>
        </Tabs>
        {declare.error && <ProblemAlert error={declare.error} />}
      </Section>
      <StepButtons
        back={{ label: 'Back to the measures', onClick: () => onStep('measures') }}
        next={{
          label: file ? 'Declare and load the file' : 'Declare the dataset',
          onClick: send,
          loading: declare.isPending,
        }}
        missing={declaration.name ? undefined : 'The dataset needs a name.'}
      />
    </>
  )
}

function summary({ name, columns, key, timeDimension, measures = [] }: ReturnType<typeof declarationOf>): string {
  const parts = [
    `${name || 'without a name'}: ${formatInteger(columns.length)} ${columns.length === 1 ? 'column' : 'columns'}`,
    key ? `key ${key.join(', ')}` : 'no key, every row counts',
    `${formatInteger(measures.length)} ${measures.length === 1 ? 'measure' : 'measures'} besides rows`,
    ...(timeDimension ? [`time ${timeDimension}`] : []),
  ]
  return parts.join(' · ')
}
