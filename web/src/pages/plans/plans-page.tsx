import { Button, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useAccessCatalog } from '../../access/access-catalog'
import { accessColumn } from '../../access/access-column'
import { AccessDialog } from '../../access/access-dialog'
import { usePlanChange, usePlans, type Plan } from '../../accounts/plans'
import type { AccessPolicy } from '../../accounts/types'
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
  { title: 'Name', render: ({ name }) => <div className="breakable readable">{name}</div> },
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
  const [limited, setLimited] = useState<Plan>()
  const shown = [...COLUMNS, accessColumn<Plan>('plan', useAccessCatalog())]
  const actions = { edit: setEdited, limit: setLimited, remove: setDeleted }
  const columns = maySet ? [...shown, actionsColumn(actions)] : shown
  return (
    <Page
      title="Plans"
      description="Credits that users are granted at the start of each period."
      actions={createButton}
    >
      <Loaded query={plans}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title="No plans yet">
              A plan is what you sell by the day, week or month: it grants its users credits at the start of each
              period, and may limit their queries a minute and what they see. Create one, then give it to users in their
              settings.
            </EmptyState>
          ) : (
            <DataTable label="Plans" columns={columns} rows={data} rowKey={({ id }) => id} minWidth={900} />
          )
        }
      </Loaded>
      {edited && <PlanDialog plan={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
      {limited && <PlanAccess plan={limited} onClose={() => setLimited(undefined)} />}
      <DeletePlan plan={deleted} onClose={() => setDeleted(undefined)} />
    </Page>
  )
}

function PlanAccess({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const save = usePlanChange(
    (access: AccessPolicy | null) => request('PATCH /v1/admin/plans/{id}', { path: { id: plan.id }, body: { access } }),
    onClose,
  )
  return (
    <AccessDialog
      title={`What users of ${plan.name} may see`}
      access={plan.access}
      of="plan"
      save={save}
      onClose={onClose}
    />
  )
}

function DeletePlan({ plan, onClose }: { plan: Plan | undefined; onClose: () => void }) {
  const remove = usePlanChange(({ id }: Plan) => request('DELETE /v1/admin/plans/{id}', { path: { id } }), onClose)
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

interface PlanActions {
  edit: (plan: Plan) => void
  limit: (plan: Plan) => void
  remove: (plan: Plan) => void
}

function actionsColumn({ edit, limit, remove }: PlanActions): Column<Plan> {
  return {
    title: 'Change',
    render: (plan) => (
      <Group gap="xs" wrap="nowrap">
        <Button size="compact-xs" variant="default" aria-label={`Change ${plan.name}`} onClick={() => edit(plan)}>
          Change
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Limit data of ${plan.name}`}
          onClick={() => limit(plan)}
        >
          Limit data
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
