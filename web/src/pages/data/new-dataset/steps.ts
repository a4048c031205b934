import { useSearchParams } from 'react-router'
import type { FieldErrors } from '../declaration/field-errors'
import type { Wizard } from './wizard'

export const STEPS = ['file', 'columns', 'measures', 'review', 'load'] as const
export type Step = (typeof STEPS)[number]

export const STEP_TITLES: Record<Step, string> = {
  file: 'File',
  columns: 'Columns',
  measures: 'Measures',
  review: 'Review',
  load: 'Load',
}

/** The step stands in the address, so that the way back is the browser's as well. */
export function useStep(wizard: Wizard | undefined): [Step, (step: Step | undefined) => void] {
  const [address, setAddress] = useSearchParams()
  const asked = STEPS.find((step) => step === address.get('step'))
  const setStep = (step: Step | undefined) => {
    setAddress(step ? { step } : {})
    window.scrollTo({ top: 0 })
    // The button that was pressed is gone: whoever uses the keyboard goes on at the top of the step.
    document.getElementById('main')?.focus({ preventScroll: true })
  }
  return [stepOf(wizard, asked), setStep]
}

function stepOf(wizard: Wizard | undefined, asked: Step | undefined): Step {
  if (!wizard || wizard.phase === 'looking' || wizard.phase === 'failed') return 'file'
  if (wizard.phase === 'declared') return 'load'
  return asked === undefined || asked === 'load' ? 'columns' : asked
}

/** The first step that has a field with an error. */
export function stepWithErrors(errors: FieldErrors): Step | undefined {
  const keys = [...errors.keys()]
  if (keys.some((key) => !/^(measures|fileOptions|price)\//.test(key))) return 'columns'
  return keys.length > 0 ? 'measures' : undefined
}
