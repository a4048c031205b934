import {
  keyOf,
  STORAGE_OF,
  TABLE_ALIAS,
  type ColumnDefinition,
  type DatasetDefinition,
  type MeasureDefinition,
  type MemberType,
  type Storage,
} from './dataset-definition.js'

/** `time` is a dimension that can also be cut into periods. */
export type MemberKind = 'dimension' | 'time' | 'measure'

/** What a question can name: a column of the dataset or a measure. */
export interface Member {
  name: string
  title: string
  kind: MemberKind
  type: MemberType
  storage: Storage
  /** can be NULL in an answer */
  nullable: boolean
  /** its expression over the table `t` */
  sql: string
}

const membersByDataset = new WeakMap<DatasetDefinition, Map<string, Member>>()

/** The member of that name, or undefined. */
export function findMember(dataset: DatasetDefinition, name: string): Member | undefined {
  return membersOf(dataset).get(name)
}

/** The member that identifies a row. */
export function keyMemberOf(dataset: DatasetDefinition): Member {
  return findMember(dataset, keyOf(dataset).member)!
}

/** Every member by name: columns as declared, then measures. */
export function membersOf(dataset: DatasetDefinition): Map<string, Member> {
  let members = membersByDataset.get(dataset)
  if (!members) {
    const all = [...dataset.columns.map(memberOfColumn), ...dataset.measures.map(memberOfMeasure)]
    members = new Map(all.map((member) => [member.name, member]))
    membersByDataset.set(dataset, members)
  }
  return members
}

function memberOfColumn({ member, title, type, nullable = false }: ColumnDefinition): Member {
  const storage = STORAGE_OF[type]
  const kind = type === 'date' ? 'time' : 'dimension'
  return { name: member, title, kind, type: typeOf(storage), storage, nullable, sql: `${TABLE_ALIAS}.${member}` }
}

function memberOfMeasure({ name, title, storage, nullable = false, sql }: MeasureDefinition): Member {
  return { name, title, kind: 'measure', type: typeOf(storage), storage, nullable, sql }
}

function typeOf(storage: Storage): MemberType {
  if (storage === 'String') return 'text'
  if (storage === 'Date32') return 'date'
  return storage.startsWith('Decimal') ? 'decimal' : 'integer'
}
