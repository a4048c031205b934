import { NumberInput, Select, SimpleGrid, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { PlanSelect } from '../../accounts/plan-select'
import { useCurrentSession } from '../../session/session-context'
import type { Role } from '../../session/use-session'

/** What an operator says of an account; empty: nothing. */
export interface Profile {
  username: string
  firstName: string
  lastName: string
  email: string
  role: Role
  rateLimitPerMinute: number | string
  planId: string
}

interface ProfileFieldsProps {
  profile: Profile
  onChange: (changes: Partial<Profile>) => void
  /** further fields */
  children?: ReactNode
}

export function ProfileFields({ profile, onChange, children }: ProfileFieldsProps) {
  const { defaultRateLimitPerMinute } = useCurrentSession()
  const text = (name: 'username' | 'firstName' | 'lastName' | 'email', label: string) => ({
    label,
    autoComplete: 'off',
    value: profile[name],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }),
  })
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <TextInput {...text('username', 'Username')} required data-autofocus />
      <TextInput {...text('email', 'Email')} type="email" />
      <TextInput {...text('firstName', 'First name')} />
      <TextInput {...text('lastName', 'Last name')} />
      <Select
        label="Role"
        description="Members run queries, viewers also read these pages, admins change everything"
        inputWrapperOrder={['label', 'input', 'description']}
        data={['member', 'viewer', 'admin']}
        allowDeselect={false}
        value={profile.role}
        onChange={(role) => role && onChange({ role })}
      />
      <NumberInput
        label="Queries a minute"
        description={`Of all keys together; empty: ${defaultRateLimitPerMinute} with each key`}
        inputWrapperOrder={['label', 'input', 'description']}
        placeholder={String(defaultRateLimitPerMinute)}
        min={1}
        allowDecimal={false}
        value={profile.rateLimitPerMinute}
        onChange={(rateLimitPerMinute) => onChange({ rateLimitPerMinute })}
      />
      <PlanSelect value={profile.planId} onChange={(planId) => onChange({ planId })} />
      {children}
    </SimpleGrid>
  )
}
