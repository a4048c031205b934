import { hash } from 'node:crypto'
import { Injectable, Logger } from '@nestjs/common'
import { LRUCache } from 'lru-cache'
import type { EffectiveAccess } from '../../auth/access/effective-access.js'
import { canonicalJson } from '../../common/json/canonical-json.js'
import type { DatasetDefinition, DatasetRestriction } from '../dataset-definition.js'
import { DatasetLookup } from '../dataset-lookup.js'
import { DatasetRegistry } from '../dataset-registry.js'
import { rowConditionOf } from './policy-filters.js'

/** Lookups, and restrictions of each dataset, that are remembered. */
const MAX_REMEMBERED = 1_000

interface CallersDatasets {
  /** of which they were made */
  all: DatasetLookup
  lookup: DatasetLookup
  validUntil: number
}

type Definitions = LRUCache<string, DatasetDefinition>

/**
 * The datasets as they exist for a caller: what its access policies do not name is not there, and each dataset carries the
 * restriction that the compiler, counts and lists of values put into their statements. So the same names are unknown
 * everywhere, also to messages. Equal rights give the same objects, under which compiled queries are remembered.
 */
@Injectable()
export class AccessibleDatasets {
  private readonly logger = new Logger('Access')
  private readonly lookups = new LRUCache<string, CallersDatasets>({ max: MAX_REMEMBERED })
  private readonly restricted = new WeakMap<DatasetDefinition, Definitions>()

  constructor(private readonly registry: DatasetRegistry) {}

  /** Those that the caller may query. */
  of(access: EffectiveAccess): DatasetLookup {
    return this.lookupOf(access, access.cacheKey, (name) => access.membersOf(name))
  }

  /** Those that endpoints query for the caller: all members, which the endpoints choose from, and the caller's rows. */
  behindEndpoints(access: EffectiveAccess): DatasetLookup {
    return this.lookupOf(access, `endpoints ${access.cacheKey}`, () => null)
  }

  private lookupOf(access: EffectiveAccess, key: string, membersOf: EffectiveAccess['membersOf']): DatasetLookup {
    const all = this.registry.current
    if (access.isUnrestricted) return all
    const known = this.lookups.get(key)
    if (known?.all === all && Date.now() < known.validUntil) return known.lookup
    const datasets = all.all.flatMap((dataset) => this.restrict(dataset, membersOf(dataset.name), access) ?? [])
    const validUntil = Math.min(...datasets.map(({ restriction }) => restriction?.validUntil ?? Infinity))
    const lookup = new DatasetLookup(datasets)
    this.lookups.set(key, { all, lookup, validUntil })
    return lookup
  }

  private restrict(dataset: DatasetDefinition, members: ReadonlySet<string> | null, access: EffectiveAccess) {
    if (members?.size === 0) return undefined
    const filters = access.filtersOf(dataset.name)
    const cacheKey = hash('sha256', canonicalJson([members && [...members].sort(), filters])!, 'base64url')
    const definitions = this.definitionsOf(dataset)
    const known = definitions.get(cacheKey)
    if (known && Date.now() < (known.restriction!.validUntil ?? Infinity)) return known
    try {
      const { sql: rowSql, ...condition } = rowConditionOf(filters, dataset)
      const restriction: DatasetRestriction = { cacheKey, members, rowSql, ...condition }
      const definition = { ...dataset, restriction }
      definitions.set(cacheKey, definition)
      return definition
    } catch (error) {
      // It was declared anew: whom the filter kept from rows gets none of them.
      this.logger.warn(`the filters of an access policy do not fit ${dataset.name}: ${String(error)}`)
      return undefined
    }
  }

  private definitionsOf(dataset: DatasetDefinition): Definitions {
    let definitions = this.restricted.get(dataset)
    if (!definitions) {
      definitions = new LRUCache({ max: MAX_REMEMBERED })
      this.restricted.set(dataset, definitions)
    }
    return definitions
  }
}
