import { hash } from 'node:crypto'
import { canonicalJson } from '../../common/json/canonical-json.js'
import { deepFreeze } from '../../common/json/deep-freeze.js'
import { NO_DATASET_ACCESS, type AccessPolicy, type DatasetPolicy, type PolicyFilter } from './access-policy.js'

declare module '../../common/principal.js' {
  interface Principal {
    /** what it may see, by its user, plan, key and token together */
    access: EffectiveAccess
  }
}

/**
 * What a caller may see: the intersection of all policies that apply to it. Immutable. A policy can only narrow: what one of
 * them does not name does not exist, and the filters of all of them hold.
 */
export class EffectiveAccess {
  static readonly UNRESTRICTED = new EffectiveAccess(null)

  /** Stable text, equal for equal rights: what is remembered of an answer may be kept under it. */
  readonly cacheKey: string

  private constructor(private readonly policy: AccessPolicy | null) {
    this.cacheKey = policy === null ? '*' : hash('sha256', canonicalJson(policy)!, 'base64url')
    if (policy) deepFreeze(policy)
    Object.freeze(this)
  }

  /** Of a user, plan, key or token without a policy, null. */
  static of(...policies: (AccessPolicy | null | undefined)[]): EffectiveAccess {
    return policies.reduce<EffectiveAccess>((access, policy) => access.narrowedBy(policy), EffectiveAccess.UNRESTRICTED)
  }

  /** No policy applies. */
  get isUnrestricted(): boolean {
    return this.policy === null
  }

  /** Dashboards, metrics and live streams. */
  get dashboards(): boolean {
    return this.policy?.dashboards ?? true
  }

  mayUseDataset(name: string): boolean {
    return !this.policy || policyOf(this.policy, name).members?.length !== 0
  }

  /** The members of the dataset that exist for the caller; null: all; empty: the dataset does not exist. */
  membersOf(dataset: string): ReadonlySet<string> | null {
    if (!this.policy) return null
    const { members } = policyOf(this.policy, dataset)
    return members && new Set(members)
  }

  /**
   * All must hold for every row of the dataset that the caller gets. They hold for its endpoints too, also where the caller
   * may not query the dataset itself.
   */
  filtersOf(dataset: string): readonly PolicyFilter[] {
    return this.policy ? policyOf(this.policy, dataset).filters : []
  }

  /** Equal for callers who get the same rows of every dataset; null: all rows of those that they may query. */
  get rowsKey(): string | null {
    const filters = Object.entries(this.policy?.datasets ?? {})
      .filter(([, policy]) => policy.filters.length > 0)
      .map(([name, policy]) => [name, policy.filters] as const)
    return filters.length === 0 ? null : hash('sha256', canonicalJson(Object.fromEntries(filters))!, 'base64url')
  }

  mayUseEndpoint(name: string): boolean {
    if (!this.policy || this.policy.endpoints === '*') return true
    return this.policy.endpoints.includes(name)
  }

  /** What the caller may see under one more policy; null changes nothing. */
  narrowedBy(policy: AccessPolicy | null | undefined): EffectiveAccess {
    if (!policy) return this
    return new EffectiveAccess(normalized(this.policy ? intersection(this.policy, policy) : policy))
  }

  /**
   * Whether whoever has this policy alone may see nothing that this caller may not. `narrowedBy(policy).asPolicy()` is always
   * covered.
   */
  covers(policy: AccessPolicy | null): boolean {
    return EffectiveAccess.of(policy).cacheKey === this.narrowedBy(policy).cacheKey
  }

  /** As one policy that means the same, to be stored; null where nothing is restricted. */
  asPolicy(): AccessPolicy | null {
    return structuredClone(this.policy)
  }
}

/** A name such as `constructor` is no property of a policy. */
function policyOf({ datasets }: AccessPolicy, name: string): DatasetPolicy {
  return Object.hasOwn(datasets, name) ? datasets[name]! : NO_DATASET_ACCESS
}

function intersection(one: AccessPolicy, other: AccessPolicy): AccessPolicy {
  const names = new Set([...Object.keys(one.datasets), ...Object.keys(other.datasets)])
  const datasets = [...names].map((name) => [name, bothOf(policyOf(one, name), policyOf(other, name))] as const)
  return {
    datasets: Object.fromEntries(datasets),
    endpoints:
      commonTo(one.endpoints === '*' ? null : one.endpoints, other.endpoints === '*' ? null : other.endpoints) ?? '*',
    dashboards: one.dashboards && other.dashboards,
  }
}

function bothOf(one: DatasetPolicy, other: DatasetPolicy): DatasetPolicy {
  return { members: commonTo(one.members, other.members), filters: [...one.filters, ...other.filters] }
}

/** null is all. */
function commonTo(one: string[] | null, other: string[] | null): string[] | null {
  if (one === null || other === null) return one ?? other
  return one.filter((name) => other.includes(name))
}

/** Equal rights look alike: in one order, nothing twice, and nothing that says no more than its absence. */
function normalized({ datasets, endpoints, dashboards }: AccessPolicy): AccessPolicy {
  const all = Object.entries(datasets).map(([name, { members, filters }]): [string, DatasetPolicy] => [
    name,
    { members: members && sorted(members), filters: distinct(filters) },
  ])
  // The filters of a dataset that does not exist for the caller hold for its endpoints.
  const telling = all.filter(
    ([, { members, filters }]) => members?.length !== 0 || (filters.length > 0 && endpoints.length > 0),
  )
  return {
    datasets: Object.fromEntries(telling),
    endpoints: endpoints === '*' ? '*' : sorted(endpoints),
    dashboards,
  }
}

function sorted(names: string[]): string[] {
  return [...new Set(names)].sort()
}

function distinct(filters: PolicyFilter[]): PolicyFilter[] {
  const byText = new Map(filters.map((filter) => [canonicalJson(filter)!, filter]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, filter]) => filter)
}
