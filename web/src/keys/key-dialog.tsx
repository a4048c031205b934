import { Button, Group, Modal, NumberInput, Stack, TagsInput, TextInput } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { ProblemAlert } from '../components/problem-alert'
import { TimeInput } from '../components/time-input'
import { CreditLimitFields } from './credit-limit-fields'
import { keySettingsOf, type KeyForm, type KeySettings } from './key-form'

interface KeyDialogProps {
  title: string
  submitLabel: string
  initial: KeyForm
  /** what holds where these fields are left empty */
  unset: { networks: string; expires: string }
  save: Pick<UseMutationResult<unknown, Error, KeySettings>, 'isPending' | 'error' | 'mutate'>
  onClose: () => void
}

/** The name, limits, networks and expiry of a key: of a new one, or of one to change. */
export function KeyDialog({ title, submitLabel, initial, unset, save, onClose }: KeyDialogProps) {
  const [form, setForm] = useState(initial)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(keySettingsOf(form))
  }
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack>
          <Fields
            form={form}
            unset={unset}
            onChange={(changes) => setForm((current) => ({ ...current, ...changes }))}
          />
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface FieldsProps {
  form: KeyForm
  unset: KeyDialogProps['unset']
  onChange: (changes: Partial<KeyForm>) => void
}

function Fields({ form, unset, onChange }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        description="What the key is for"
        inputWrapperOrder={['label', 'input', 'description']}
        placeholder="nightly report"
        maxLength={100}
        data-autofocus
        value={form.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Group align="flex-end">
        <CreditLimitFields limit={form.limit} onChange={(limit) => onChange({ limit })} />
        <NumberInput
          label="Queries a minute"
          placeholder="As the user"
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          value={form.rateLimitPerMinute}
          onChange={(rateLimitPerMinute) => onChange({ rateLimitPerMinute })}
          flex={1}
          miw={130}
        />
      </Group>
      <TagsInput
        label="Networks"
        description={`Where it can be used from; empty: ${unset.networks}`}
        inputWrapperOrder={['label', 'input', 'description']}
        placeholder={form.allowedCidrs.length === 0 ? '192.0.2.0/24, then Enter' : undefined}
        splitChars={[',', ' ', '\n']}
        value={form.allowedCidrs}
        onChange={(allowedCidrs) => onChange({ allowedCidrs })}
      />
      <TimeInput
        label="Expires"
        description={`In your time zone; empty: ${unset.expires}`}
        value={form.expiresAt}
        onChange={(expiresAt) => onChange({ expiresAt })}
      />
    </>
  )
}
