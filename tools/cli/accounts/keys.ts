import type { Schemas } from '../../../clients/typescript/index.js'
import { count, moment } from '../format.js'
import { note, print } from '../output/messages.js'
import { isJson, outputOf, type OutputArguments } from '../output/output-option.js'
import { printRows, type TableColumn } from '../output/print-rows.js'
import { runChange, runReading } from '../run-command.js'
import { userIdOf } from './find-user.js'
import type { CreateKeyArguments, KeyArguments, OneKeyArguments } from './keys.command.js'

type Key = Schemas['Key']

const COLUMNS: TableColumn<Key>[] = [
  { name: 'name', text: ({ name }) => name ?? '' },
  { name: 'prefix', text: ({ prefix }) => prefix },
  { name: 'status', text: ({ status }) => status },
  { name: 'last used', text: ({ lastUsedAt }) => moment(lastUsedAt, 'never') },
  { name: 'expires', text: ({ expiresAt }) => moment(expiresAt, 'never') },
  { name: 'credit limit', text: limitText },
  { name: 'id', text: ({ id }) => id },
]

export function listKeys(given: KeyArguments & OutputArguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    const { rows } =
      given.user === undefined
        ? await api.list('GET /v1/me/keys', {}, Infinity)
        : await api.list('GET /v1/admin/users/{id}/keys', { path: { id: await userIdOf(api, given.user) } }, Infinity)
    await printRows(rows, COLUMNS, outputOf(given))
  })
}

export function createKey(given: CreateKeyArguments): Promise<number> {
  const body = bodyOf(given)
  return runChange(given, async ({ api }) => {
    const issued =
      given.user === undefined
        ? await api.request('POST /v1/me/keys', { body })
        : await api.request('POST /v1/admin/users/{id}/keys', { path: { id: await userIdOf(api, given.user) }, body })
    printIssued(issued, given)
  })
}

export function rotateKey(keyId: string, given: OneKeyArguments & { overlap: number }): Promise<number> {
  const body = { overlapSeconds: given.overlap }
  return runChange(given, async ({ api }) => {
    const issued =
      given.user === undefined
        ? await api.request('POST /v1/me/keys/{id}/rotate', { path: { id: keyId }, body })
        : await api.request('POST /v1/admin/users/{id}/keys/{keyId}/rotate', {
            path: { id: await userIdOf(api, given.user), keyId },
            body,
          })
    printIssued(issued, given)
  })
}

export function revokeKey(keyId: string, given: OneKeyArguments): Promise<number> {
  return runChange(given, async ({ api }) => {
    if (given.user === undefined) await api.request('DELETE /v1/me/keys/{id}', { path: { id: keyId } })
    else {
      const path = { id: await userIdOf(api, given.user), keyId }
      await api.request('DELETE /v1/admin/users/{id}/keys/{keyId}', { path })
    }
    print(isJson(given) ? JSON.stringify({ id: keyId, status: 'revoked' }) : `Revoked ${keyId}.`)
  })
}

/** The key alone on standard output, so that it goes into a variable or a file. */
function printIssued(issued: { key: Key; apiKey: string }, given: OneKeyArguments): void {
  if (isJson(given)) return print(JSON.stringify(issued))
  print(issued.apiKey)
  note(`The key ${issued.key.id} is shown this once.`)
}

/** Those that were given, as the API takes them. */
function bodyOf(given: CreateKeyArguments): Schemas['CreateKeyBody'] {
  const { name, expires: expiresAt, rateLimit: rateLimitPerMinute, cidr: allowedCidrs, creditLimit, sendEvents } = given
  const fields = Object.entries({ name, expiresAt, rateLimitPerMinute, allowedCidrs, creditLimit, sendEvents })
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

function limitText({ creditLimit, creditUsage }: Key): string {
  if (!creditLimit) return ''
  const { credits, every } = creditLimit
  return `${count(creditUsage?.used ?? 0)} of ${count(credits)} ${every === 'total' ? 'in all' : `a ${every}`}`
}
