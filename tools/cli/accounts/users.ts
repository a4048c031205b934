import type { Schemas } from '../../../clients/typescript/index.js'
import type { ApiClient } from '../api-client.js'
import { count, creditsOf, moment } from '../format.js'
import { note, print } from '../output/messages.js'
import { isJson, outputOf } from '../output/output-option.js'
import { printFields } from '../output/print-fields.js'
import { printRows, type TableColumn } from '../output/print-rows.js'
import { confirm, ensureTerminal } from '../prompt.js'
import { created, runChange, runReading } from '../run-command.js'
import { UsageError } from '../usage-error.js'
import { findUser, planIdOf, type User } from './find-user.js'
import type {
  CreateUserArguments,
  OneArguments,
  UpdateUserArguments,
  UserFields,
  UserListArguments,
} from './users.command.js'

const FAILED = 1

const COLUMNS: TableColumn<User>[] = [
  { name: 'username', text: ({ username }) => username },
  { name: 'role', text: ({ role }) => role },
  { name: 'status', text: ({ status }) => status },
  { name: 'credits', text: ({ credits }) => count(credits), isNumber: true },
  { name: 'created', text: ({ createdAt }) => moment(createdAt) },
  { name: 'id', text: ({ id }) => id },
]

export function listUsers(given: UserListArguments): Promise<number> {
  const { search, role, status, maxCredits, limit } = given
  return runReading(given, async ({ api }) => {
    const query = { search, role, status, maxCredits }
    const users = await api.list('GET /v1/admin/users', { query }, limit)
    await printRows(users.rows, COLUMNS, outputOf(given))
    if (users.total > users.rows.length)
      note(`${count(users.rows.length)} of ${count(users.total)}; --limit shows more.`)
  })
}

export function createUser(username: string, given: CreateUserArguments): Promise<number> {
  return runChange(given, async ({ api, signal }) => {
    const { credits } = given
    const body = { username, ...(await fieldsOf(api, given)), ...(credits !== undefined && { credits }) }
    const result = await created(signal, (headers) => api.request('POST /v1/admin/create-user', { body, headers }))
    if (isJson(given)) return print(JSON.stringify(result))
    // Alone on standard output, so that it goes into a variable or a file.
    print(result.apiKey)
    note(
      `Created ${username} (${result.user.role}) with ${creditsOf(result.user.credits)}. The key is shown this once.`,
    )
  })
}

export function describeUser(user: string, given: OneArguments): Promise<number> {
  return runReading(given, async ({ api }) => show(await findUser(api, user), given))
}

export async function updateUser(user: string, given: UpdateUserArguments): Promise<number> {
  if (given.disable && given.enable) throw new UsageError('--disable and --enable exclude each other')
  const { username } = given
  const status = given.disable ? ('disabled' as const) : given.enable && ('active' as const)
  return runChange(given, async ({ api }) => {
    const body = { ...(await fieldsOf(api, given)), ...(username && { username }), ...(status && { status }) }
    if (Object.keys(body).length === 0) throw new UsageError('there is nothing to change: give an option (--help)')
    const { id } = await findUser(api, user)
    show(await api.request('PATCH /v1/admin/users/{id}', { path: { id }, body }), given)
  })
}

export async function deleteUser(user: string, given: OneArguments & { yes?: true }): Promise<number> {
  if (!given.yes) ensureTerminal('give --yes to delete the user without being asked')
  return runChange(given, async ({ api }) => {
    const { id, username, credits } = await findUser(api, user)
    if (!given.yes && !(await confirm(`Delete ${username}, who has ${creditsOf(credits)}?`))) {
      note('Nothing was deleted.')
      return FAILED
    }
    await api.request('DELETE /v1/admin/users/{id}', { path: { id } })
    print(isJson(given) ? JSON.stringify({ id, username }) : `Deleted ${username}. The ledger stays readable.`)
  })
}

function show(user: User, given: OneArguments): void {
  const { id, username, email, role, status, credits, rateLimitPerMinute, createdAt } = user
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ')
  const fields = { username, id, name, email, role, status, credits: count(credits) }
  const limit = rateLimitPerMinute === null ? "the server's" : count(rateLimitPerMinute)
  printFields(user, { ...fields, 'queries a minute': limit, created: moment(createdAt) }, isJson(given))
}

/** Those that were given, as the API takes them. */
async function fieldsOf(
  api: ApiClient,
  given: UserFields,
): Promise<Omit<Schemas['UpdateUserBody'], 'username' | 'status'>> {
  const { email, firstName, lastName, role, rateLimit: rateLimitPerMinute, sendEvents } = given
  const planId = given.plan === undefined ? undefined : await planIdOf(api, given.plan)
  const fields = Object.entries({ email, firstName, lastName, role, rateLimitPerMinute, sendEvents, planId })
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}
