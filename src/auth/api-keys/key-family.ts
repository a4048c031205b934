import type { ApiKeyEntity } from './api-key.entity.js'

/** The key with this id, what it made, what they made and so on; empty where there is none. All are of one user. */
export function familyOf(all: readonly ApiKeyEntity[], keyId: string): ApiKeyEntity[] {
  const family = all.filter(({ id }) => id === keyId)
  // Those that are found are looked at in their turn.
  for (const maker of family) family.push(...all.filter(({ madeBy }) => madeBy === maker.id))
  return family
}
