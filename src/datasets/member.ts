import {
  keyOf,
  STORAGE_OF,
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

/** The member of that name, or undefined. */
export function findMember(dataset: DatasetDefinition, name: string): Member | undefined {
  return membersOf(dataset).get(name) ?? dataset.memberOfKey?.(name)
}

/** The member that identifies a row. */
export function keyMemberOf(dataset: DatasetDefinition): Member {
  return findMember(dataset, keyOf(dataset).member)!
}

/** Every declared member by name: columns, then measures. */
export function membersOf(dataset: DatasetDefinition): Map<string, Member> {
  let members = membersByDataset.get(dataset)
  if (!members) {
    const all = [
      ...dataset.columns.map((column) => memberOfColumn(column, dataset.timezone)),
      ...dataset.measures.map(memberOfMeasure),
    ]
    members = new Map(all.map((member) => [member.name, member]))
    membersByDataset.set(dataset, members)
  }
  return members
}

function memberOfColumn(column: ColumnDefinition, timezone = 'UTC'): Member {
  const { member: name, title, type, nullable = false, sql = `${TABLE_ALIAS}.${name}` } = column
  const storage = STORAGE_OF[type]
  const kind = type === 'date' || type === 'timestamp' ? 'time' : 'dimension'
  const member: Member = { name, title, kind, type: typeOf(storage), storage, nullable, sql }
  return type === 'timestamp' ? momentIn(timezone, member) : member
}

/** A timestamp whose parts (days, hours) are those of a time zone. */
function momentIn(timezone: string, member: Member): Member {
  const params = { timezone }
  const sql = `toTimeZone(${member.sql}, {timezone:String})`
  const daySql = `toDate32(${member.sql}, {timezone:String})`
  const day: Member = { ...member, type: 'date', storage: 'Date32', sql: daySql, params }
  return { ...member, sql, params, day }
}

function memberOfMeasure({ name, title, description, storage, nullable = false, sql }: MeasureDefinition): Member {
  return { name, title, description, kind: 'measure', type: typeOf(storage), storage, nullable, sql }
}

function typeOf(storage: Storage): MemberType {
  if (storage === 'String') return 'text'
  if (storage === 'Date32') return 'date'
  if (storage.startsWith('DateTime64')) return 'timestamp'
  return storage.startsWith('Decimal') ? 'decimal' : 'integer'
}
