import { Injectable } from '@nestjs/common'
import { ValidationError, type FieldError } from '../../common/errors/app-error.js'
import type { AccessPolicy } from './access-policy.js'
import type { AccessPolicyBody } from './access-policy.dto.js'
import { EffectiveAccess } from './effective-access.js'

/** What is wrong with a policy, whose author may see what `author` says and must not learn of anything else. */
export type PolicyCheck = (policy: AccessPolicy, author: EffectiveAccess) => FieldError[]

/**
 * Checks policies before they are stored. What they name is known to other modules, which add their checks here; their paths
 * are within the policy: `datasets.transactions.members[0]`.
 */
@Injectable()
export class AccessPoliciesService {
  private readonly checks: PolicyCheck[] = []

  add(check: PolicyCheck): void {
    this.checks.push(check)
  }

  /**
   * The policy in full, as it is stored; null and undefined (leave it as it is) as they came. Throws ValidationError with
   * paths below `access` for what does not exist.
   */
  checked(
    body: AccessPolicyBody | null | undefined,
    author: EffectiveAccess = EffectiveAccess.UNRESTRICTED,
  ): AccessPolicy | null | undefined {
    if (!body) return body
    const policy = completed(body)
    const errors = this.checks.flatMap((check) => check(policy, author))
    if (errors.length > 0)
      throw new ValidationError(errors.map(({ path, message }) => ({ path: `access.${path}`, message })))
    return policy
  }
}

/** What is absent is nothing, but for members: there it is all. Values that are no objects stay, for the checks to refuse. */
function completed({ datasets = {}, endpoints = [], dashboards = false }: AccessPolicyBody): AccessPolicy {
  const complete = Object.entries(datasets).map(([name, dataset]) => [
    name,
    typeof dataset === 'object' && dataset !== null && !Array.isArray(dataset)
      ? { ...dataset, members: dataset.members ?? null, filters: dataset.filters ?? [] }
      : dataset,
  ])
  return { datasets: Object.fromEntries(complete) as AccessPolicy['datasets'], endpoints, dashboards }
}
