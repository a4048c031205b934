import type { Schemas } from '../../../clients/typescript/index.js'
import type { ApiClient } from '../api-client.js'
import { unknownName } from '../unknown-name.js'
import { CommandError } from '../usage-error.js'

export type User = Schemas['User']

const PAGE = 500
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The user of that username or id. Throws CommandError with the nearest names where there is none. */
export async function findUser(api: ApiClient, user: string): Promise<User> {
  if (UUID.test(user)) return api.request('GET /v1/admin/users/{id}', { path: { id: user } })
  const wanted = user.toLowerCase()
  const { data } = await api.request('GET /v1/admin/users', { query: { search: user, limit: PAGE } })
  const found = data.find(({ username }) => username.toLowerCase() === wanted)
  if (found) return found
  const { data: others } = await api.request('GET /v1/admin/users', { query: { limit: PAGE } })
  throw new CommandError(
    unknownName(
      'user',
      user,
      others.map(({ username }) => username),
    ),
  )
}

/** The same for a filter, which needs the id alone. */
export async function userIdOf(api: ApiClient, user: string): Promise<string> {
  return UUID.test(user) ? user : (await findUser(api, user)).id
}

export async function planIdOf(api: ApiClient, plan: string): Promise<string> {
  if (UUID.test(plan)) return plan
  const { data } = await api.request('GET /v1/admin/plans', { query: { limit: PAGE } })
  const found = data.find(({ name }) => name.toLowerCase() === plan.toLowerCase())
  if (found) return found.id
  throw new CommandError(
    unknownName(
      'plan',
      plan,
      data.map(({ name }) => name),
    ),
  )
}
