import { Anchor, Button, Group, Stepper, Text } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, Navigate } from 'react-router'
import { Page } from '../../../components/page'
import { useCurrentSession } from '../../../session/session-context'
import { mayChange } from '../../../session/use-session'
import { cancelUpload } from '../upload/current-upload'
import { ColumnsStep } from './columns-step'
import { FileStep } from './file-step'
import { LoadStep } from './load-step'
import { MeasuresStep } from './measures-step'
import { ReviewStep } from './review-step'
import { STEP_TITLES, STEPS, useStep, type Step } from './steps'
import { startOver, useWizard, type Wizard } from './wizard'

/** From a file, or from nothing, to a dataset that can be queried. */
export default function NewDatasetPage() {
  const session = useCurrentSession()
  const wizard = useWizard()
  const [step, setStep] = useStep(wizard)
  const restart = () => {
    cancelUpload()
    startOver()
    setStep(undefined)
  }
  if (!mayChange(session)) return <Navigate to="/data" replace />
  return (
    <Page
      title="New dataset"
      description="Declare a table of your own: its columns, and the measures that can be asked of it."
      actions={
        wizard && (
          <Button variant="default" size="xs" onClick={restart}>
            {wizard.phase === 'declared' ? 'Another dataset' : 'Start over'}
          </Button>
        )
      }
    >
      <Anchor component={Link} to="/data" size="sm">
        <Group gap={4} component="span">
          <IconArrowLeft size={14} aria-hidden /> Data
        </Group>
      </Anchor>
      <Progress wizard={wizard} step={step} onStep={setStep} />
      <CurrentStep wizard={wizard} step={step} onStep={setStep} />
    </Page>
  )
}

interface StepProps {
  wizard: Wizard | undefined
  step: Step
  onStep: (step: Step | undefined) => void
}

function CurrentStep({ wizard, step, onStep }: StepProps) {
  const draft = wizard?.draft
  if (!draft || step === 'file') return <FileStep wizard={wizard} onStep={onStep} />
  switch (step) {
    case 'columns':
      return <ColumnsStep wizard={wizard} draft={draft} onStep={onStep} />
    case 'measures':
      return <MeasuresStep wizard={wizard} draft={draft} onStep={onStep} />
    case 'review':
      return <ReviewStep wizard={wizard} draft={draft} onStep={onStep} />
    case 'load':
      return <LoadStep wizard={wizard} draft={draft} />
  }
}

/** Where one is, and the way to the other steps. */
function Progress({ wizard, step, onStep }: StepProps) {
  const at = STEPS.indexOf(step)
  const isOpen = (index: number) => wizard?.phase === 'drafted' && index < STEPS.length - 1
  return (
    <>
      <Stepper
        size="sm"
        active={at}
        onStepClick={(index) => onStep(STEPS[index])}
        visibleFrom="sm"
        aria-label="Steps to the new dataset"
      >
        {STEPS.map((each, index) => (
          <Stepper.Step
            key={each}
            label={STEP_TITLES[each]}
            allowStepSelect={isOpen(index)}
            aria-current={index === at ? 'step' : undefined}
          />
        ))}
      </Stepper>
      <Text hiddenFrom="sm" size="sm" fw={600} role="status">
        Step {at + 1} of {STEPS.length}: {STEP_TITLES[step]}
      </Text>
    </>
  )
}
