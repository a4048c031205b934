import { Button, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { usePlans, type Plan } from '../../accounts/plans'
import { request } from '../../api/http'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { formatInteger } from '../../components/format'
import { Loaded } from '../../components/loaded'
import { Page } from '../../components/page'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { PlanDialog } from './plan-dialog'

const COLUMNS: Column<Plan>[] = [
  { title: 'Name', render: ({ name }) => <span className="breakable">{name}</span> },
  { title: 'Credits', numeric: true, render: ({ credits }) => formatInteger(credits) },
  { title: 'Every', render: ({ every }) => every },
  { title: 'Unused credits', render: ({ rollOver }) => (rollOver ? 'stay' : 'expire') },
  {
    title: 'Queries a minute',
    numeric: true,
    render: ({ rateLimitPerMinute }) => (rateLimitPerMinute === null ? '—' : formatInteger(rateLimitPerMinute)),
  },
  { title: 'Users', numeric: true, render: ({ users }) => formatInteger(users) },
]

/** `'new'`: one is being made. */
type Edited = Plan | 'new'

export default function PlansPage() {
  const [edited, setEdited] = useState<Edited>()
  const [deleted, setDeleted] = useState<Plan>()
  const maySet = mayChange(useCurrentSession())
  const plans = usePlans()
  const createButton = maySet && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      Create plan
    </Button>
  )
  const columns = maySet ? [...COLUMNS, actionsColumn(setEdited, setDeleted)] : COLUMNS
  return (
    <Page
      title="Plans"
      description="Credits that users are granted at the start of each period."
      actions={createButton}
    >
      <Loaded query={plans}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title="No plans yet">Create a plan, then give it to users in their settings.</EmptyState>
          ) : (
            <DataTable label="Plans" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={760} />
          )
        }
      </Loaded>
      {edited && <PlanDialog plan={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
      <DeletePlan plan={deleted} onClose={() => setDeleted(undefined)} />
    </Page>
  )
}

function DeletePlan({ plan, onClose }: { plan: Plan | undefined; onClose: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: ({ id }: Plan) => request('DELETE /v1/admin/plans/{id}', { path: { id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['plans'] })
      onClose()
    },
  })
  const close = () => {
    remove.reset()
    onClose()
  }
  return (
    <ConfirmDialog
      opened={plan !== undefined}
      title={`Delete ${plan?.name ?? ''}?`}
      confirmLabel="Delete"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => plan && remove.mutate(plan)}
      onClose={close}
    >
      Only a plan that no user has can be deleted. What it granted stays.
    </ConfirmDialog>
  )
}

function actionsColumn(edit: (plan: Plan) => void, remove: (plan: Plan) => void): Column<Plan> {
  return {
    title: 'Change',
    render: (plan) => (
      <Group gap="xs" wrap="nowrap">
        <Button size="compact-xs" variant="default" aria-label={`Change ${plan.name}`} onClick={() => edit(plan)}>
          Change
        </Button>
        <Button
          size="compact-xs"
          variant="light"
          color="red"
          aria-label={`Delete ${plan.name}`}
          onClick={() => remove(plan)}
        >
          Delete
        </Button>
      </Group>
    ),
  }
}
