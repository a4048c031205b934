import type { FieldError } from '../../common/errors/app-error.js'
import type { AccessPolicy } from '../../auth/access/access-policy.js'
import { unknownName } from '../../common/errors/unknown-name.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import type { DatasetLookup } from '../dataset-lookup.js'
import { MemberParser } from '../filters/member-parser.js'
import { isPlainObject, refuseUnknownFields, ValidationErrorCollector } from '../filters/validation-errors.js'
import { parsePolicyFilters } from './policy-filters.js'

const FIELDS = ['members', 'filters']
const MAX_MEMBERS = 1_000

/** What is wrong with the datasets of a policy: everything in it must exist for its author, and every filter must parse. */
export function checkDatasets({ datasets }: AccessPolicy, known: DatasetLookup): FieldError[] {
  const errors = new ValidationErrorCollector()
  for (const [name, policy] of Object.entries(datasets)) {
    const dataset = known.find(name)
    if (dataset) checkDataset(policy, `datasets.${name}`, dataset, errors)
    else errors.add(`datasets.${name.slice(0, 63)}`, unknownName('dataset', name, known.names))
  }
  return errors.all
}

function checkDataset(
  policy: unknown,
  path: string,
  dataset: DatasetDefinition,
  errors: ValidationErrorCollector,
): void {
  if (!isPlainObject(policy)) return errors.add(path, 'must be an object {"members","filters"}')
  refuseUnknownFields(policy, FIELDS, path, errors)
  if (policy.members !== null) checkMembers(policy.members, `${path}.members`, dataset, errors)
  parsePolicyFilters(policy.filters, `${path}.filters`, dataset, errors)
}

function checkMembers(
  names: unknown,
  path: string,
  dataset: DatasetDefinition,
  errors: ValidationErrorCollector,
): void {
  if (!Array.isArray(names) || names.length > MAX_MEMBERS)
    return errors.add(path, `must be a list of at most ${MAX_MEMBERS} members, or null for all`)
  const members = new MemberParser(dataset, errors)
  for (const [index, name] of (names as unknown[]).entries()) {
    const member = members.parse(name, `${path}[${index}]`, 'member')
    if (member && names.indexOf(name) < index) errors.add(`${path}[${index}]`, 'is named twice')
  }
}
