import { nameHint, quoted, unknownName } from '../../common/errors/unknown-name.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import { findMember, membersOf, type Member, type MemberKind } from '../member.js'
import type { ValidationErrorCollector } from './validation-errors.js'

/** What a member may be in a query, with the kinds that it takes. */
const MEMBER_ROLES = {
  measure: ['measure'],
  dimension: ['dimension', 'time'],
  'time dimension': ['time'],
  member: ['dimension', 'time', 'measure'],
} satisfies Record<string, MemberKind[]>

export type MemberRole = keyof typeof MEMBER_ROLES

/** No member is named so at length; a longer name is not looked for. */
const MAX_MEMBER_NAME = 256

/** Finds the members that a query names, and suggests the nearest name for an unknown one. */
export class MemberParser {
  constructor(
    private readonly dataset: DatasetDefinition,
    private readonly errors: ValidationErrorCollector,
  ) {}

  /** undefined when the name is invalid */
  parse(name: unknown, path: string, role: MemberRole): Member | undefined {
    const kinds: readonly MemberKind[] = MEMBER_ROLES[role]
    const member =
      typeof name === 'string' && name.length <= MAX_MEMBER_NAME ? findMember(this.dataset, name) : undefined
    if (member && kinds.includes(member.kind)) return member
    if (!this.errors.isFull) this.errors.add(path, this.messageFor(name, role, kinds, member))
    return undefined
  }

  private messageFor(name: unknown, role: MemberRole, kinds: readonly MemberKind[], member?: Member): string {
    const known = namesOf(this.dataset, kinds)
    if (name === undefined) return `is required. ${nameHint(name, known)}`
    if (!member) return unknownName(role, name, known)
    return `${quoted(name)} is a ${member.kind}, not a ${role}. ${nameHint(name, known)}`
  }
}

/** The names of a dataset's members of these kinds, for people. */
export function namesOf(dataset: DatasetDefinition, kinds: readonly MemberKind[]): string[] {
  const patterns = dataset.restriction?.members ? [] : (dataset.memberPatterns ?? [])
  const all = [...membersOf(dataset).values(), ...patterns]
  return all.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name)
}
