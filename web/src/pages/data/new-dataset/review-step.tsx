import { Stack, Tabs, Text } from '@mantine/core'
import { CopyableCode } from '../../../components/copyable-code'
import { formatInteger } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { ColumnsTable } from '../declaration/columns-table'
import { declarationOf } from '../declaration/declaration-of'
import { useDeclare, type Declaration } from '../declaration/declarations'
import { areAllPlaced, fieldErrorsOf } from '../declaration/field-errors'
import { MeasuresTable } from '../declaration/measures-table'
import { startUpload } from '../upload/current-upload'
import type { DraftStepProps } from './columns-step'
import { cliOf, curlOf, jsonOf } from './commands'
import { StepButtons } from './step-buttons'
import { stepWithErrors } from './steps'
import { declared, showErrors } from './wizard'

/** Every dataset has it. */
const ROWS = { name: 'rows', title: 'Rows' }

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
        <Tabs defaultValue="tables" keepMounted={false}>
          <Tabs.List aria-label="Forms of the declaration">
            <Tabs.Tab value="tables">Columns and measures</Tabs.Tab>
            <Tabs.Tab value="json">JSON</Tabs.Tab>
            <Tabs.Tab value="curl">curl</Tabs.Tab>
            <Tabs.Tab value="cli">Command line</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tables" pt="sm">
            <Tables declaration={declaration} />
          </Tabs.Panel>
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

function Tables({ declaration }: { declaration: Declaration }) {
  const { columns, key, timeDimension, measures = [] } = declaration
  return (
    <Stack>
      <ColumnsTable columns={columns} dataKey={key ?? []} timeDimension={timeDimension ?? null} />
      <MeasuresTable measures={[ROWS, ...measures]} declared={measures} />
    </Stack>
  )
}

function summary({ name, columns, key, timeDimension, measures = [] }: Declaration): string {
  const parts = [
    `${name || 'without a name'}: ${formatInteger(columns.length)} ${columns.length === 1 ? 'column' : 'columns'}`,
    key ? `key ${key.join(', ')}` : 'no key, every row counts',
    `${formatInteger(measures.length)} ${measures.length === 1 ? 'measure' : 'measures'} besides rows`,
    ...(timeDimension ? [`time ${timeDimension}`] : []),
  ]
  return parts.join(' · ')
}
