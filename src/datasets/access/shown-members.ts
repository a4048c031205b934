import type { DatasetDefinition, Member } from '../dataset-definition.js'

export type ShownMember = Pick<Member, 'name' | 'title' | 'description' | 'type' | 'kind' | 'additive'>

/**
 * Members as a caller is shown them. A description may say how a figure is computed; one that names a member which does not
 * exist for the caller is left out.
 */
export function shownMembers(dataset: DatasetDefinition, members: Member[]): ShownMember[] {
  const hidden = hiddenNames(dataset)
  const isTelling = (description = ''): boolean => (description.match(/\w+/g) ?? []).some((word) => hidden.has(word))
  return members.map(({ name, title, description, type, kind, additive }) => ({
    ...{ name, title, type, kind, additive },
    description: isTelling(description) ? undefined : description,
  }))
}

function hiddenNames({ restriction, columns, measures }: DatasetDefinition): Set<string> {
  const all = [...columns.map(({ member }) => member), ...measures.map(({ name }) => name)]
  return new Set(restriction?.members ? all.filter((name) => !restriction.members!.has(name)) : [])
}
