import { NumberInput, Select } from '@mantine/core'
import type { Schemas } from '../api/http'

const PERIODS: { value: CreditLimitForm['every']; label: string }[] = [
  { value: 'day', label: 'a day' },
  { value: 'week', label: 'a week' },
  { value: 'month', label: 'a month' },
  { value: 'total', label: 'in total' },
]

/** As it is typed; without credits there is no limit. */
export interface CreditLimitForm {
  credits: number | string
  every: Schemas['CreditLimitBody']['every']
}

export const NO_LIMIT: CreditLimitForm = { credits: '', every: 'month' }

export function limitOf({ credits, every }: CreditLimitForm): Schemas['CreditLimitBody'] | null {
  return credits === '' ? null : { credits: Number(credits), every }
}

interface CreditLimitFieldsProps {
  limit: CreditLimitForm
  onChange: (limit: CreditLimitForm) => void
}

/** At most so many credits in a period. */
export function CreditLimitFields({ limit, onChange }: CreditLimitFieldsProps) {
  return (
    <>
      <NumberInput
        label="Credit limit"
        placeholder="None"
        min={1}
        allowDecimal={false}
        thousandSeparator=","
        value={limit.credits}
        onChange={(credits) => onChange({ ...limit, credits })}
        w={130}
      />
      <Select
        label="Each"
        aria-label="Period of the credit limit"
        data={PERIODS}
        allowDeselect={false}
        value={limit.every}
        onChange={(every) => every && onChange({ ...limit, every })}
        w={110}
      />
    </>
  )
}
