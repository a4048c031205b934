import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Principal } from '../common/principal.js'
import { containsPattern } from '../infrastructure/database/contains-pattern.js'
import type { DatasetLookup } from '../datasets/dataset-lookup.js'

/** What of saved queries and boards exists for a caller. */
export interface Reach {
  /** null: the root key */
  userId: string | null
  isAdmin: boolean
  rowsKey: string | null
  /** JSON of `[{"name","members"}]`, members null for all; null: whatever the dataset */
  datasets: string | null
}

/** `datasets`: those that exist for the principal. */
export function reachOf({ userId, role, access }: Principal, datasets: DatasetLookup): Reach {
  const named = datasets.all.map(({ name, restriction }) => ({
    name,
    members: restriction?.members ? [...restriction.members] : null,
  }))
  return {
    userId,
    isAdmin: role === 'admin',
    rowsKey: access.rowsKey,
    datasets: access.isUnrestricted ? null : JSON.stringify(named),
  }
}

/** A condition on `alias`: own ones, those that are shared with whoever gets the same rows, and for admins all. */
export function sharedSql(alias: string, { isAdmin, userId, rowsKey }: Reach): string {
  if (isAdmin) return 'TRUE'
  const own = userId === null ? 'user_id IS NULL' : 'user_id = :userId'
  const sameRows = rowsKey === null ? '' : ` AND (${alias}.rows_key IS NULL OR ${alias}.rows_key = :rowsKey)`
  return `(${alias}.${own} OR ${alias}.visibility = 'shared'${sameRows})`
}

/** A condition on the saved query `alias`: its dataset and members exist for the caller, and it is own, shared or an admin's. */
export function savedQuerySql(alias: string, reach: Reach): string {
  const shared = sharedSql(alias, reach)
  if (reach.datasets === null) return shared
  return `(${shared} AND EXISTS (
    SELECT FROM jsonb_to_recordset(CAST(:datasets AS jsonb)) AS known(name text, members text[])
    WHERE known.name = ${alias}.dataset AND (known.members IS NULL OR ${alias}.members <@ known.members)))`
}

export interface ShareableFilter {
  search?: string
  mine?: boolean
}

/** Of a list: by words in the name or the description, own ones alone, what was changed last first. */
export function filterShareables<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  alias: string,
  { search, mine = false }: ShareableFilter,
  { userId }: Reach,
): SelectQueryBuilder<T> {
  if (search)
    query.andWhere(`(${alias}.name ILIKE :search OR ${alias}.description ILIKE :search)`, {
      search: containsPattern(search),
    })
  if (mine) query.andWhere(userId === null ? `${alias}.user_id IS NULL` : `${alias}.user_id = :userId`, { userId })
  return query.orderBy({ [`${alias}.updatedAt`]: 'DESC', [`${alias}.id`]: 'DESC' })
}
