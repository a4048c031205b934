import { Button, Checkbox, Group, Modal, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { usePlanChange, type Plan } from '../../accounts/plans'
import { request, type Schemas } from '../../api/http'
import { ProblemAlert } from '../../components/problem-alert'

interface PlanForm {
  name: string
  credits: number | string
  every: Plan['every']
  rollOver: boolean
  rateLimitPerMinute: number | string
}

const NEW_PLAN: PlanForm = { name: '', credits: 1000, every: 'month', rollOver: false, rateLimitPerMinute: '' }

function bodyOf({ name, credits, every, rollOver, rateLimitPerMinute }: PlanForm): Schemas['CreatePlanBody'] {
  const limit = rateLimitPerMinute === '' ? null : Number(rateLimitPerMinute)
  return { name, credits: Number(credits), every, rollOver, rateLimitPerMinute: limit }
}

interface PlanDialogProps {
  /** the one to change; undefined for a new one */
  plan?: Plan
  onClose: () => void
}

export function PlanDialog({ plan, onClose }: PlanDialogProps) {
  const [form, setForm] = useState<PlanForm>(
    plan ? { ...plan, rateLimitPerMinute: plan.rateLimitPerMinute ?? '' } : NEW_PLAN,
  )
  const save = usePlanChange((body: Schemas['CreatePlanBody']) => {
    return plan
      ? request('PATCH /v1/admin/plans/{id}', { path: { id: plan.id }, body })
      : request('POST /v1/admin/plans', { body })
  }, onClose)
  const set = (changes: Partial<PlanForm>) => setForm((current) => ({ ...current, ...changes }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(bodyOf(form))
  }
  return (
    <Modal opened onClose={onClose} title={plan ? `Change ${plan.name}` : 'Create plan'}>
      <form onSubmit={submit}>
        <Stack>
          <Fields form={form} onChange={set} inUse={plan !== undefined && plan.users > 0} />
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!form.name.trim() || form.credits === ''}>
              {plan ? 'Save' : 'Create'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface FieldsProps {
  form: PlanForm
  onChange: (changes: Partial<PlanForm>) => void
  inUse: boolean
}

function Fields({ form, onChange, inUse }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        required
        data-autofocus
        maxLength={64}
        value={form.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Credits"
          description={inUse ? 'From the next period of each user on' : undefined}
          inputWrapperOrder={['label', 'input', 'description']}
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          value={form.credits}
          onChange={(credits) => onChange({ credits })}
        />
        <Select
          label="Every"
          description={inUse ? 'Cannot change while users have the plan' : undefined}
          inputWrapperOrder={['label', 'input', 'description']}
          data={['day', 'week', 'month']}
          allowDeselect={false}
          disabled={inUse}
          value={form.every}
          onChange={(every) => every && onChange({ every })}
        />
        <NumberInput
          label="Queries a minute"
          description="Of users without a limit of their own"
          inputWrapperOrder={['label', 'input', 'description']}
          placeholder="None"
          min={1}
          allowDecimal={false}
          value={form.rateLimitPerMinute}
          onChange={(rateLimitPerMinute) => onChange({ rateLimitPerMinute })}
        />
      </SimpleGrid>
      <Checkbox
        label="What is left of a period stays"
        description="Else it expires when the period ends"
        checked={form.rollOver}
        onChange={(event) => onChange({ rollOver: event.currentTarget.checked })}
      />
    </>
  )
}
