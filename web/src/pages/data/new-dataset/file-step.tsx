import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { formatBytes } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { useCurrentSession } from '../../../session/session-context'
import { FileDrop } from '../upload/file-drop'
import type { Step } from './steps'
import { lookAt, startWithoutFile, stopLooking, type Wizard } from './wizard'

interface FileStepProps {
  wizard: Wizard | undefined
  onStep: (step: Step | undefined) => void
}

/** Which file the dataset is made for. */
export function FileStep({ wizard, onStep }: FileStepProps) {
  const session = useCurrentSession()
  const choose = (file: File) => {
    void lookAt(file, session)
    onStep(undefined)
  }
  const declareWithout = () => {
    startWithoutFile(session)
    onStep(undefined)
  }
  if (wizard?.phase === 'looking') return <Looking file={wizard.file} />
  if (wizard?.phase === 'drafted') return <Drafted wizard={wizard} onChoose={choose} onStep={onStep} />
  return (
    <Section
      title="Begin with a file"
      description="Its first rows say what columns there are and of what type. You correct them before anything is declared."
    >
      <Stack gap="md">
        {wizard?.error && (
          <ProblemAlert error={wizard.error} retry={wizard.file && (() => void lookAt(wizard.file!, session))} />
        )}
        <FileDrop onChoose={choose} />
        <Group gap="sm" justify="center">
          <Text size="sm" c="dimmed">
            No file at hand?
          </Text>
          <Button variant="default" size="xs" onClick={declareWithout}>
            Declare it without a file
          </Button>
        </Group>
      </Stack>
    </Section>
  )
}

function Looking({ file }: { file: File | undefined }) {
  return (
    <Section title={file?.name ?? 'The file'} description={file && formatBytes(file.size)}>
      <Group gap="sm" role="status">
        <Loader size="sm" />
        <Text size="sm">Looking at the first rows: the types, the dates, the key…</Text>
      </Group>
      <Group>
        <Button variant="default" size="xs" onClick={stopLooking}>
          Cancel
        </Button>
      </Group>
    </Section>
  )
}

interface DraftedProps {
  wizard: Wizard
  onChoose: (file: File) => void
  onStep: FileStepProps['onStep']
}

function Drafted({ wizard: { file, draft }, onChoose, onStep }: DraftedProps) {
  const title = file ? file.name : 'Declared without a file'
  return (
    <Section
      title={title}
      description={file && `${formatBytes(file.size)}, ${draft!.columns.length} columns found`}
      actions={<Button onClick={() => onStep('columns')}>Go on to the columns</Button>}
    >
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          Another file replaces the columns and measures that you have corrected so far.
        </Text>
        <FileDrop onChoose={onChoose} />
      </Stack>
    </Section>
  )
}
