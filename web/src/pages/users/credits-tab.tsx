import { Badge, Button, Group, NumberInput, Stack, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { Grant, User } from '../../accounts/types'
import { request } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInstant, formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Pager } from '../../components/pager'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { useAccountChange } from './use-account-change'

/** Grants in the order in which they burn, and the form for another one. */
export function CreditsTab({ user }: { user: User }) {
  const session = useCurrentSession()
  return (
    <Stack>
      {mayChange(session) && <AddCredits user={user} />}
      <Section title="Grants" description="Grants are used from the top: by priority, then by expiry, then by age.">
        <Grants user={user} />
      </Section>
    </Stack>
  )
}

const NEW_GRANT = { amount: 100, priority: 50, reason: '', expires: '' }

function AddCredits({ user }: { user: User }) {
  const [grant, setGrant] = useState(NEW_GRANT)
  const set = (changes: Partial<typeof grant>) => setGrant((current) => ({ ...current, ...changes }))
  const add = useAccountChange(
    () => {
      const { amount, priority, reason, expires } = grant
      const expiresAt = expires ? new Date(expires).toISOString() : undefined
      const body = { userId: user.id, amount, priority, reason: reason.trim() || undefined, expiresAt }
      return request('POST /v1/admin/add-credits', { body })
    },
    () => setGrant(NEW_GRANT),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(undefined)
  }
  return (
    <Section title="Add credits">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Group align="flex-end">
            <NumberInput
              label="Amount"
              min={1}
              allowDecimal={false}
              thousandSeparator=","
              value={grant.amount}
              onChange={(amount) => set({ amount: Number(amount) })}
              w={130}
            />
            <NumberInput
              label="Priority"
              min={0}
              max={100}
              allowDecimal={false}
              value={grant.priority}
              onChange={(priority) => set({ priority: Number(priority) })}
              w={100}
            />
            <TextInput
              label="Expires"
              type="datetime-local"
              value={grant.expires}
              onChange={(event) => set({ expires: event.currentTarget.value })}
              w={210}
            />
            <TextInput
              label="Reason"
              placeholder="Invoice 2026-117"
              value={grant.reason}
              onChange={(event) => set({ reason: event.currentTarget.value })}
              flex={1}
              miw={180}
            />
            <Button type="submit" loading={add.isPending} disabled={grant.amount < 1}>
              Add
            </Button>
          </Group>
          {add.error && <ProblemAlert error={add.error} />}
        </Stack>
      </form>
    </Section>
  )
}

function Grants({ user }: { user: User }) {
  const [offset, setOffset] = useState(0)
  const [voiding, setVoiding] = useState<Grant>()
  const session = useCurrentSession()
  const grants = useQuery({
    queryKey: ['grants', user.id, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/admin/users/{id}/grants', {
        path: { id: user.id },
        query: { limit: PAGE_SIZE, offset },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const voidGrant = useAccountChange(
    ({ id }: Grant) => request('POST /v1/admin/grants/{id}/void', { path: { id } }),
    () => setVoiding(undefined),
  )
  const columns = mayChange(session) ? [...GRANT_COLUMNS, voidColumn(setVoiding)] : GRANT_COLUMNS
  return (
    <>
      <Loaded query={grants}>
        {({ data, pagination }) =>
          data.length === 0 ? (
            <EmptyState title="No credits yet">Add some: without credits every query is refused with 402.</EmptyState>
          ) : (
            <>
              <DataTable label="Grants" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={780} />
              <Pager {...pagination} onChange={setOffset} />
            </>
          )
        }
      </Loaded>
      <ConfirmDialog
        opened={voiding !== undefined}
        title="Void this grant?"
        confirmLabel="Void"
        pending={voidGrant.isPending}
        error={voidGrant.error}
        onConfirm={() => voiding && voidGrant.mutate(voiding)}
        onClose={() => setVoiding(undefined)}
      >
        The {formatInteger(voiding?.remaining ?? 0)} credits that are left of it leave the balance. What was spent stays
        spent.
      </ConfirmDialog>
    </>
  )
}

const GRANT_COLUMNS: Column<Grant>[] = [
  { title: 'Granted', render: ({ createdAt }) => <span className="unbroken">{formatInstant(createdAt)}</span> },
  { title: 'Amount', numeric: true, render: ({ amount }) => formatInteger(amount) },
  { title: 'Left', numeric: true, render: ({ remaining }) => formatInteger(remaining) },
  { title: 'Priority', numeric: true, render: ({ priority }) => priority },
  { title: 'Expires', render: ({ expiresAt }) => (expiresAt ? formatInstant(expiresAt) : 'never') },
  { title: 'Reason', render: ({ reason }) => <span className="breakable">{reason ?? '—'}</span> },
]

function voidColumn(choose: (grant: Grant) => void): Column<Grant> {
  return {
    title: 'Void',
    render: (grant) =>
      grant.voidedAt ? (
        <Badge variant="light" color="red" tt="none">
          voided
        </Badge>
      ) : (
        <Button size="compact-xs" variant="default" disabled={grant.remaining === 0} onClick={() => choose(grant)}>
          Void
        </Button>
      ),
  }
}
