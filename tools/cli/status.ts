import type { Schemas } from '../../clients/typescript/index.js'
import { ApiClient } from './api-client.js'
import { ApiError } from './api-errors.js'
import { reachableOf } from './connection/connection.js'
import { count, creditsOf } from './format.js'
import { print } from './output/messages.js'
import { isJson } from './output/output-option.js'
import { fieldsText } from './output/print-fields.js'
import { styled } from './output/styles.js'
import { runOn } from './run-command.js'
import type { StatusArguments } from './status.command.js'

interface Status {
  url: string
  profile: string | null
  status: 'ok' | 'error'
  engines: Record<string, 'up' | 'down'>
  /** null without a key */
  me: Schemas['Me'] | null
  /** null where the key may not see it */
  stats: Schemas['Stats'] | null
}

const FAILED = 1

/** Prints how the server is, and gives the exit code. */
export async function status(given: StatusArguments): Promise<number> {
  const { url, apiKey, profile } = await reachableOf(given)
  return runOn({ url, apiKey }, async ({ api }) => {
    const { status, engines } = await api.health()
    const isUp = status === 'ok'
    const me = apiKey !== undefined && isUp ? await api.request('GET /v1/me') : null
    const stats = me && (await statsOf(api))
    const all: Status = { url: url.href, profile, status, engines, me, stats }
    print(isJson(given) ? JSON.stringify(all) : statusText(all))
    return isUp ? 0 : FAILED
  })
}

async function statsOf(api: ApiClient): Promise<Schemas['Stats'] | null> {
  return api.request('GET /v1/admin/stats').catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return null
    throw error
  })
}

function statusText({ url, profile, status, engines, me, stats }: Status): string {
  const health = status === 'ok' ? styled('green', 'up') : styled('red', 'not ready')
  const lines = [`server      ${url} ${health}${profile === null ? '' : ` (profile ${profile})`}`]
  for (const [engine, state] of Object.entries(engines))
    lines.push(`${engine.padEnd(10)}  ${styled(state === 'up' ? 'green' : 'red', state)}`)
  return [
    ...lines,
    ...(me ? [fieldsText({ 'signed in ': accountText(me), ...(stats && statsFields(stats)) })] : []),
  ].join('\n')
}

function accountText({ user, credits }: Schemas['Me']): string {
  return user.id === null ? `${user.username} (${user.role})` : `${user.username} (${user.role}), ${creditsOf(credits)}`
}

function statsFields(stats: Schemas['Stats']): Record<string, string> {
  const { queued, running, succeeded, failed } = stats.ingestions
  const { requestsToday, errorsToday, creditsUsedToday, users, lowCreditUsers } = stats
  return {
    ingestion: `${count(running)} running, ${count(queued)} queued, ${count(succeeded)} succeeded, ${count(failed)} failed`,
    today: `${count(requestsToday)} requests, ${count(errorsToday)} errors, ${creditsOf(creditsUsedToday)} used`,
    users: `${count(users)}, ${count(lowCreditUsers)} of them low on credits`,
  }
}
