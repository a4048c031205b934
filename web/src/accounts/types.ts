import type { Schemas } from '../api/http'

export type User = Schemas['User']
export type Key = Schemas['Key']
export type ManagedKey = Schemas['ManagedKey']
export type AccessPolicy = Schemas['AccessPolicyInfo']
export type LedgerEntry = Schemas['LedgerEntry']
export type Grant = Schemas['Grant']

export function fullNameOf({ firstName, lastName }: User): string {
  return [firstName, lastName].filter(Boolean).join(' ')
}
