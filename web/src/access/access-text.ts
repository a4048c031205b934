import type { AccessPolicy } from '../accounts/types'
import { textOfFilters } from '../filters/filter-text'
import { membersOf, titleOfDataset, titleOfEndpoint, type AccessCatalog } from './access-catalog'
import { draftOf, type AccessDraft, type DatasetDraft } from './access-draft'

/** Whose policy it is. */
export type PolicyOwner = 'user' | 'key' | 'plan'

/** More names than these are counted. */
const MAX_NAMES = 6

const UNLIMITED: Record<PolicyOwner, string> = {
  user: 'This user may query every dataset, call every endpoint and open the dashboards, those to come included.',
  key: 'This key sees what its user sees.',
  plan: 'Users of this plan see what their own settings say.',
}
const SUBJECTS: Record<PolicyOwner, string> = { user: 'This user', key: 'This key', plan: 'A user of this plan' }

/** What a policy lets its owner see, in one sentence. */
export function textOfAccess(draft: AccessDraft, owner: PolicyOwner, catalog: AccessCatalog): string {
  if (!draft.isLimited) return UNLIMITED[owner]
  const parts = [
    ...draft.datasets.filter(exists).map((each) => `query ${textOfDataset(each, catalog)}`),
    ...endpointsOf(draft, catalog),
    ...(draft.dashboards ? ['open the dashboards and live streams, which show all rows'] : []),
  ]
  if (parts.length === 0) return `${SUBJECTS[owner]} may see nothing.`
  return `${SUBJECTS[owner]} may ${parts.join('; ')}${draft.dashboards ? '' : ', but not open dashboards'}.`
}

/** The same at a glance: `Transactions, 2 endpoints`. */
export function summaryOfAccess(access: AccessPolicy, catalog: AccessCatalog): string {
  const { datasets, allEndpoints, endpoints, dashboards } = draftOf(access)
  const names = datasets.filter(exists).map(({ name, allMembers, filters }) => {
    const title = titleOfDataset(name, catalog)
    return allMembers && filters.length === 0 ? title : `part of ${title}`
  })
  const parts = [
    ...(names.length > 3 ? [`${names.length} datasets`] : names),
    ...(allEndpoints ? ['all endpoints'] : []),
    ...(endpoints.length > 0 ? [`${endpoints.length} ${endpoints.length === 1 ? 'endpoint' : 'endpoints'}`] : []),
    ...(dashboards ? ['dashboards'] : []),
  ]
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/** Without members a dataset does not exist for the owner. */
function exists({ allMembers, members }: DatasetDraft): boolean {
  return allMembers || members.length > 0
}

function textOfDataset({ name, allMembers, members, filters }: DatasetDraft, catalog: AccessCatalog): string {
  const known = membersOf(name, catalog)
  const memberTitle = (member: string) => known.find((each) => each.name === member)?.title ?? member
  const dataset = titleOfDataset(name, catalog)
  const what = allMembers
    ? `all of ${dataset}`
    : members.length > MAX_NAMES
      ? `${members.length} of the ${Math.max(known.length, members.length)} columns and measures of ${dataset}`
      : `${listed(members.map(memberTitle))} of ${dataset}`
  return filters.length === 0 ? what : `${what} where ${textOfFilters(filters, memberTitle)}`
}

function endpointsOf({ allEndpoints, endpoints }: AccessDraft, catalog: AccessCatalog): string[] {
  if (allEndpoints) return ['call every endpoint']
  if (endpoints.length === 0) return []
  if (endpoints.length > MAX_NAMES) return [`call ${endpoints.length} endpoints`]
  const titles = endpoints.map((name) => titleOfEndpoint(name, catalog))
  return [`call the ${titles.length === 1 ? 'endpoint' : 'endpoints'} ${listed(titles)}`]
}

/** `a`, `a and b`, `a, b and c` */
function listed(names: string[]): string {
  const last = names.at(-1)!
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
