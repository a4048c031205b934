import type { Schemas } from '../../../clients/typescript/index.js'
import { count, creditsOf, moment } from '../format.js'
import { note, print } from '../output/messages.js'
import { isJson, outputOf } from '../output/output-option.js'
import { printFields } from '../output/print-fields.js'
import { printRows, type TableColumn } from '../output/print-rows.js'
import { created, runChange, runReading } from '../run-command.js'
import type { AccountArguments, AddCreditsArguments, OneAccountArguments } from './credits.command.js'
import { findUser, userIdOf } from './find-user.js'

const GRANT_COLUMNS: TableColumn<Schemas['Grant']>[] = [
  { name: 'remaining', text: ({ remaining }) => count(remaining), isNumber: true },
  { name: 'amount', text: ({ amount }) => count(amount), isNumber: true },
  { name: 'priority', text: ({ priority }) => String(priority), isNumber: true },
  { name: 'expires', text: ({ expiresAt }) => moment(expiresAt, 'never') },
  { name: 'reason', text: ({ reason }) => reason ?? '' },
  { name: 'voided', text: ({ voidedAt }) => moment(voidedAt) },
  { name: 'id', text: ({ id }) => id },
]

const LEDGER_COLUMNS: TableColumn<Schemas['LedgerEntry']>[] = [
  { name: 'at', text: ({ createdAt }) => moment(createdAt) },
  { name: 'type', text: ({ type }) => type },
  { name: 'amount', text: ({ amount }) => count(amount), isNumber: true },
  { name: 'balance', text: ({ balanceAfter }) => count(balanceAfter), isNumber: true },
  { name: 'reason', text: ({ reason }) => reason ?? '' },
  { name: 'request', text: ({ requestId }) => requestId ?? '' },
]

export function showCredits(given: OneAccountArguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    if (given.user === undefined) {
      const me = await api.request('GET /v1/me')
      const { username } = me.user
      printFields({ username, credits: me.credits }, { account: username, credits: count(me.credits) }, isJson(given))
      return
    }
    const { username, credits } = await findUser(api, given.user)
    printFields({ username, credits }, { account: username, credits: count(credits) }, isJson(given))
  })
}

export function addCredits(user: string, amount: number, given: AddCreditsArguments): Promise<number> {
  const { reason, priority, expires: expiresAt } = given
  return runChange(given, async ({ api, signal }) => {
    const body = { userId: await userIdOf(api, user), amount, reason, priority, expiresAt }
    const added = await created(signal, (headers) => api.request('POST /v1/admin/add-credits', { body, headers }))
    if (isJson(given)) return print(JSON.stringify(added))
    print(`Added ${creditsOf(amount)} to ${user}, who has ${count(added.credits)} now (grant ${added.grantId}).`)
  })
}

export function listGrants(user: string, given: AccountArguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    const path = { id: await userIdOf(api, user) }
    const { rows } = await api.list('GET /v1/admin/users/{id}/grants', { path }, Infinity)
    await printRows(rows, GRANT_COLUMNS, outputOf(given))
  })
}

export function listLedger(given: AccountArguments & { limit: number }): Promise<number> {
  return runReading(given, async ({ api }) => {
    const { rows, total } =
      given.user === undefined
        ? await api.list('GET /v1/me/ledger', {}, given.limit)
        : await api.list(
            'GET /v1/admin/users/{id}/ledger',
            { path: { id: await userIdOf(api, given.user) } },
            given.limit,
          )
    await printRows(rows, LEDGER_COLUMNS, outputOf(given))
    if (total > rows.length) note(`${count(rows.length)} of ${count(total)}; --limit shows more.`)
  })
}

export function voidGrant(id: string, given: OneAccountArguments): Promise<number> {
  return runChange(given, async ({ api }) => {
    const grant = await api.request('POST /v1/admin/grants/{id}/void', { path: { id } })
    print(isJson(given) ? JSON.stringify(grant) : `Took back what was left of the grant ${id}.`)
  })
}
