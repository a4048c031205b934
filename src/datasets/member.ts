import {
  identityOf,
  TABLE_ALIAS,
  type ColumnDefinition,
  type DatasetDefinition,
  type MeasureDefinition,
  type Member,
  type MemberType,
  type Storage,
} from './dataset-definition.js'

export type { Member, MemberKind } from './dataset-definition.js'

const membersByDataset = new WeakMap<DatasetDefinition, Map<string, Member>>()

/** The member of that name, or undefined; also where it does not exist for the caller. */
export function findMember(dataset: DatasetDefinition, name: string): Member | undefined {
  const member = membersOf(dataset).get(name)
  return member || dataset.restriction?.members ? member : dataset.memberOfKey?.(name)
}

/** SQL of what identifies a row, so that an order by it is total; the columns themselves, which need no time zone. */
export function identitySql(dataset: DatasetDefinition): string[] {
  const sqlOf = (name: string) => dataset.columns.find(({ member }) => member === name)?.sql
  return identityOf(dataset).map((name) => sqlOf(name) ?? `${TABLE_ALIAS}.${name}`)
}

/**
 * Every declared member by name: columns, then measures. Where a policy names the members, those of them, and those that it
 * names by key.
 */
export function membersOf(dataset: DatasetDefinition): Map<string, Member> {
  let members = membersByDataset.get(dataset)
  if (!members) {
    const all = [
      ...dataset.columns.map((column) => memberOfColumn(column, dataset.timezone)),
      ...dataset.measures.map((measure) => memberOfMeasure(measure, dataset.timezone)),
    ]
    members = new Map(permitted(all, dataset).map((member) => [member.name, member]))
    membersByDataset.set(dataset, members)
  }
  return members
}

function permitted(declared: Member[], { restriction, memberOfKey }: DatasetDefinition): Member[] {
  const names = restriction?.members
  if (!names) return declared
  const isDeclared = new Set(declared.map(({ name }) => name))
  const byKey = [...names].filter((name) => !isDeclared.has(name)).flatMap((name) => memberOfKey?.(name) ?? [])
  return [...declared.filter(({ name }) => names.has(name)), ...byKey]
}

function memberOfColumn(column: ColumnDefinition, timezone = 'UTC'): Member {
  const { member: name, title, description, type, storage, nullable = false } = column
  const { sql = `${TABLE_ALIAS}.${name}` } = column
  const kind = type === 'date' || type === 'timestamp' ? 'time' : 'dimension'
  const member: Member = { name, title, description, kind, type, storage, nullable, sql }
  return type === 'timestamp' ? momentIn(timezone, member) : member
}

/** Stands for the query's time zone. */
const TIMEZONE = '{timezone:String}'

/** A timestamp whose parts (days, hours) are those of a time zone. */
function momentIn(timezone: string, member: Member): Member {
  const params = { ...member.params, timezone }
  const sql = `toTimeZone(${member.sql}, ${TIMEZONE})`
  const daySql = `toDate32(${member.sql}, ${TIMEZONE})`
  const day: Member = { ...member, type: 'date', storage: 'Date32', sql: daySql, params }
  return { ...member, sql, params, day }
}

function memberOfMeasure({ nullable = false, ...measure }: MeasureDefinition, timezone = 'UTC'): Member {
  const type = typeOf(measure.storage)
  const member: Member = { ...measure, kind: 'measure', type, nullable }
  if (type === 'timestamp') return momentIn(timezone, member)
  // Its own filters are about days of timestamps, which are those of the query.
  const hasZone = measure.sql.includes(TIMEZONE)
  return hasZone ? { ...member, params: { ...measure.params, timezone } } : member
}

function typeOf(storage: Storage): MemberType {
  if (storage === 'String') return 'text'
  if (storage === 'Bool') return 'boolean'
  if (storage === 'Date32') return 'date'
  if (storage === 'Float64') return 'number'
  if (storage.startsWith('DateTime64')) return 'timestamp'
  return storage.startsWith('Decimal') ? 'decimal' : 'integer'
}
