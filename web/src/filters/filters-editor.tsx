import { ActionIcon, Button, Group, NativeSelect, Paper, Stack } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { FieldError } from '../components/field-error'
import {
  groupOf,
  isCondition,
  kindOf,
  partsOf,
  type Condition,
  type Filter,
  type FilterGroup,
  type FilterMember,
  type GroupKind,
} from './filter'
import { errorsOfCondition, type FilterErrors } from './filter-errors'
import { FilterRow } from './filter-row'
import { operatorsFor } from './operators'

/** As deep as the server takes `and` and `or`. */
const MAX_DEPTH = 4
const NO_ERRORS: FilterErrors = new Map()

interface FiltersEditorProps {
  filters: Filter[]
  members: FilterMember[]
  /** false: only from one day to another */
  hasRelativeRanges?: boolean
  /** whose values are offered to pick from; undefined: they are typed only */
  dataset?: string
  errors?: FilterErrors
  onChange: (filters: Filter[]) => void
}

/** Conditions, and groups of them; all of the list have to hold. */
export function FiltersEditor({ hasRelativeRanges = true, errors = NO_ERRORS, ...list }: FiltersEditorProps) {
  return <FilterList {...list} place={TOP} hasRelativeRanges={hasRelativeRanges} errors={errors} />
}

/** Where a list stands: what its filters are called, where the server finds them, and how deep that is. */
interface Place {
  number: string
  path: string
  depth: number
}

const TOP: Place = { number: '', path: 'filters', depth: 0 }

type FilterListProps = Required<Omit<FiltersEditorProps, 'dataset'>> &
  Pick<FiltersEditorProps, 'dataset'> & { place: Place }

function FilterList({ filters, onChange, place, ...shared }: FilterListProps) {
  const { members, errors } = shared
  const set = (at: number, filter: Filter) => onChange(filters.map((each, index) => (index === at ? filter : each)))
  const remove = (at: number) => onChange(filters.filter((_each, index) => index !== at))
  if (members.length === 0) return null
  const whose = place.number && ` to filter ${place.number}`
  return (
    <>
      {filters.map((filter, at) => {
        const own = placeOf(place, at)
        const props = { ...shared, place: own, onChange: (next: Filter) => set(at, next), onRemove: () => remove(at) }
        return isCondition(filter) ? (
          <ConditionItem key={at} condition={filter} {...props} />
        ) : (
          <GroupItem key={at} group={filter} {...props} />
        )
      })}
      <FieldError text={errors.get(place.path)} />
      <Group gap="xs">
        <AddButton label="Add a filter" whose={whose} onClick={() => onChange([...filters, newCondition(members)])} />
        {place.depth < MAX_DEPTH && (
          <AddButton
            label="Add a group"
            whose={whose}
            onClick={() => onChange([...filters, { or: [newCondition(members)] }])}
          />
        )}
      </Group>
    </>
  )
}

function placeOf({ number, path, depth }: Place, at: number): Place {
  return { number: number ? `${number}.${at + 1}` : `${at + 1}`, path: `${path}[${at}]`, depth }
}

type ItemProps = Pick<FilterListProps, 'members' | 'hasRelativeRanges' | 'dataset' | 'errors' | 'place'> & {
  onChange: (filter: Filter) => void
  onRemove: () => void
}

function ConditionItem({ condition, place, errors, onRemove, dataset, ...row }: ItemProps & { condition: Condition }) {
  const found = errorsOfCondition(errors, place.path)
  return (
    <div role="group" aria-label={`Filter ${place.number}`}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <FilterRow label={`filter ${place.number}`} condition={condition} errors={found} dataset={dataset} {...row} />
        <RemoveButton number={place.number} onClick={onRemove} />
      </Group>
      <FieldError text={found.other} />
    </div>
  )
}

function GroupItem({ group, place, onChange, onRemove, ...shared }: ItemProps & { group: FilterGroup }) {
  const { number, path, depth } = place
  const kind = kindOf(group)
  // A group without filters says nothing.
  const change = (filters: Filter[]) => (filters.length > 0 ? onChange(groupOf(kind, filters)) : onRemove())
  return (
    <Paper withBorder p="xs" role="group" aria-label={`Filter ${number}`} className={`filter-group ${kind}`}>
      <Stack gap="xs">
        <Group gap="xs" justify="space-between" wrap="nowrap">
          <NativeSelect
            aria-label={`What has to hold of filter ${number}`}
            value={kind}
            onChange={(event) => onChange(groupOf(event.currentTarget.value as GroupKind, partsOf(group)))}
            data={[
              { value: 'or', label: 'Any of these' },
              { value: 'and', label: 'All of these' },
            ]}
          />
          <RemoveButton number={number} onClick={onRemove} />
        </Group>
        <FieldError text={shared.errors.get(path)} />
        <FilterList
          {...shared}
          filters={partsOf(group)}
          place={{ number, path: `${path}.${kind}`, depth: depth + 1 }}
          onChange={change}
        />
      </Stack>
    </Paper>
  )
}

function RemoveButton({ number, onClick }: { number: string; onClick: () => void }) {
  return (
    <ActionIcon variant="default" size={36} aria-label={`Remove filter ${number}`} onClick={onClick}>
      <IconTrash size={16} />
    </ActionIcon>
  )
}

function AddButton({ label, whose, onClick }: { label: string; whose: string; onClick: () => void }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconPlus size={14} />}
      aria-label={`${label}${whose}`}
      onClick={onClick}
    >
      {label}
    </Button>
  )
}

function newCondition(members: FilterMember[]): Condition {
  const member = members.find(({ kind }) => kind === 'dimension') ?? members[0]!
  return { member: member.name, operator: operatorsFor(member.type)[0]!.name, values: [] }
}
