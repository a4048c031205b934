import { Select } from '@mantine/core'
import { formatInteger } from '../components/format'
import { usePlans, type Plan } from './plans'

interface PlanSelectProps {
  /** the id of a plan; empty: none */
  value: string
  onChange: (planId: string) => void
}

/** Which plan a user has; not there while there are no plans. */
export function PlanSelect({ value, onChange }: PlanSelectProps) {
  const plans = usePlans().data?.data ?? []
  if (plans.length === 0) return null
  return (
    <Select
      label="Plan"
      description="Grants its credits now and at the start of each period"
      inputWrapperOrder={['label', 'input', 'description']}
      placeholder="None"
      clearable
      data={plans.map((plan) => ({ value: plan.id, label: titleOf(plan) }))}
      value={value || null}
      onChange={(planId) => onChange(planId ?? '')}
    />
  )
}

function titleOf({ name, credits, every }: Plan): string {
  return `${name}: ${formatInteger(credits)} a ${every}`
}
