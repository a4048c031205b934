import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { fileOf, LoadedRows } from '../support/declared-files.js'
import { DECLARED_FIXTURES, randomRows } from '../support/declared-fixtures.js'
import { randomMeasures } from '../support/declared-measures.js'
import { OracleMembers } from '../support/declared-members.js'
import { declaredWorld, transactionsWorld, type PolicyWorld } from '../support/policy-worlds.js'
import { todayIn, type OracleQuery } from '../support/query-oracle.js'
import {
  effectivePolicy,
  fitted,
  namesIn,
  randomPolicies,
  type DatasetPolicies,
  type DatasetPolicy,
} from '../support/random-policies.js'
import { randomTransactions, toCsv } from '../support/random-transactions.js'
import { startServer, type TestServer } from '../support/server.js'
import { upload } from '../support/upload.js'
import { SeededRandom } from '../../tools/generator/random.js'

// SEED=n repeats a run on the same day; CASES=n asks more.
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const cases = Number(process.env.CASES ?? 2_000)
console.log(`random policies: SEED=${seed}`)

const CALLERS = 30
const AT_ONCE = 16
const JSON_TYPE = 'application/json'

interface Caller {
  key: string
  policies: DatasetPolicies[]
}

const random = new SeededRandom(seed)
let server: TestServer
let worlds: PolicyWorld[]
let callers: Caller[]
const places = new Map<string, number[]>()

beforeAll(async () => {
  server = await startServer({
    env: { QUERY_COST_CREDITS: '0', RATE_LIMIT_PER_MINUTE: '1000000', QUERIES_IN_FLIGHT_PER_USER: '100' },
  })
  worlds = [await loadedTransactions(), await loadedClicks()]
  callers = []
  for (let number = 0; number < CALLERS; number++) callers.push(await newCaller())
})
afterAll(() => server?.stop())

async function loadedTransactions(): Promise<PolicyWorld> {
  const rows = randomTransactions(random, 150)
  const { body } = await upload(server, toCsv(rows), { format: 'csv' })
  expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: rows.length })
  return transactionsWorld(rows, random)
}

/** Without a key, with timestamps that are asked about in other time zones. */
async function loadedClicks(): Promise<PolicyWorld> {
  const template = DECLARED_FIXTURES.find(({ what }) => what.startsWith('without a key'))!
  const rough = Object.entries(template.kinds).flatMap(([name, kind]) => (kind === 'any magnitude' ? [name] : []))
  const rows = randomRows(template, random, 120)
  const measures = randomMeasures(new OracleMembers(template.declaration, rough), rows, random)
  const declaration = { ...template.declaration, measures: [...template.declaration.measures, ...measures] }
  const fixture = { ...template, declaration }
  const { status, body: problem } = await server.json('POST', '/v1/admin/datasets', declaration)
  expect(status, JSON.stringify(problem)).toBe(201)
  const loaded = new LoadedRows([])
  loaded.load(rows)
  const { body } = await upload(server, fileOf(fixture, rows, 'csv', random), {
    dataset: declaration.name,
    format: 'csv',
  })
  expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: rows.length })
  return declaredWorld(fixture, new OracleMembers(declaration, rough), loaded.rows, random)
}

/** A user or a key of one with a policy, or both; sometimes two with equal ones. */
async function newCaller(): Promise<Caller> {
  if (random.chance(0.1) && callers.length > 0) {
    const { policies } = random.pick(callers)
    return withPolicies(policies)
  }
  return withPolicies(Array.from({ length: random.integer(1, 2) }, () => randomPolicies(worlds, random)))
}

async function withPolicies(policies: DatasetPolicies[]): Promise<Caller> {
  const [first, second] = policies.map((datasets) => ({ datasets }))
  const isOfKey = second === undefined && random.chance(0.5)
  const user = await Customer.create(server, 0, isOfKey ? {} : { access: first })
  const ofKey = isOfKey ? first : second
  if (!ofKey) return { key: user.key, policies }
  const { status, body } = await server.json('POST', `/v1/admin/users/${user.id}/keys`, { access: ofKey })
  expect(status, JSON.stringify(body)).toBe(201)
  return { key: body.apiKey, policies }
}

/** The rows that the policy leaves, which a range from today can change. */
function placesOf(world: PolicyWorld, { filters }: DatasetPolicy): number[] {
  const today = todayIn({ dataset: world.name })
  const key = JSON.stringify([world.name, today, filters])
  if (!places.has(key)) places.set(key, world.placesOf(filters, today))
  return places.get(key)!
}

interface Case {
  caller: Caller
  world: PolicyWorld
  policy: DatasetPolicy | undefined
  exists: (name: string) => boolean
  context: string
}

function newCase(number: number): Case {
  const [caller, world] = [random.pick(callers), random.pick(worlds)]
  const policy = effectivePolicy(world.name, caller.policies)
  const exists = (name: string) =>
    policy !== undefined && (policy.members === null || policy.members.includes(name) || name === 'compareDateRange')
  const context = `seed ${seed}, case ${number}: ${world.name} under ${JSON.stringify(caller.policies)}`
  return { caller, world, policy, exists, context }
}

/** The request and what it was answered with, on one day: a query from today means others on the next. */
async function askedOnOneDay<T>(query: OracleQuery, ask: (today: string) => Promise<T>): Promise<T> {
  for (;;) {
    const days = () => `${todayIn(query)} ${todayIn({ dataset: '' })}`
    const before = days()
    const result = await ask(todayIn(query))
    if (days() === before) return result
  }
}

/** A name that the answer lists is one that exists; what the caller wrote comes back in quotes. */
function expectNothingHidden(body: any, { exists, world, caller, context }: Case): void {
  for (const { message } of body.errors ?? []) {
    const names = [...String(message).matchAll(/(?:Use|such as) (.+)$|Did you mean (.+?)\?/g)]
      .flatMap(([, list, guess]) => (list ?? guess)!.split(/, | or /))
      .map((name) => name.replaceAll('"', ''))
    for (const name of names) {
      const isDataset = worlds.some((each) => each.name === name && effectivePolicy(name, caller.policies))
      const isHidden = [...world.dimensions, ...world.measures].includes(name) && !exists(name)
      expect(isHidden && !isDataset, `${context}\n${message} names ${name}`).toBe(false)
    }
  }
}

const post = (path: string, query: object, { key }: Caller, accept = JSON_TYPE) =>
  server.fetch(path, {
    method: 'POST',
    key,
    headers: { 'content-type': JSON_TYPE, accept },
    body: JSON.stringify(query),
  })

async function queried(each: Case, accept: string, query: OracleQuery, explain: boolean): Promise<'right' | 'refused'> {
  const { world, policy, exists, caller } = each
  const context = `${each.context}\n${accept} ${JSON.stringify(query)}`
  return askedOnOneDay(query, async (today) => {
    const response = await post('/v1/query', explain ? { ...query, explain } : query, caller, accept)
    const body = Buffer.from(await response.arrayBuffer())
    if (!namesIn(query).every(exists) || !policy) {
      const problem = JSON.parse(body.toString())
      expect([response.status, problem.code], context).toEqual([400, 'VALIDATION_FAILED'])
      expectNothingHidden(problem, { ...each, context })
      return 'refused'
    }
    expect(response.status, `${context}\n${body.toString('utf8', 0, 1000)}`).toBe(200)
    const right = world.right(query, placesOf(world, policy), today, accept)!
    expect(await world.read(body, query, accept), context).toEqual(right.data)
    if (accept !== JSON_TYPE) return 'right'
    const { page, query: facts } = JSON.parse(body.toString())
    expect(page.total, context).toBe(query.total ? right.total : null)
    if (explain) expect(Object.keys(facts.explain).sort(), context).toEqual(['cacheAgeMs', 'rowsRead'])
    return 'right'
  })
}

async function dryRun(each: Case, query: OracleQuery): Promise<'right' | 'refused'> {
  const response = await post('/v1/query/dry-run', query, each.caller)
  const body = (await response.json()) as any
  const context = `${each.context}\ndry run ${JSON.stringify(query)}`
  if (!namesIn(query).every(each.exists) || !each.policy) {
    expect([response.status, body.code], context).toEqual([400, 'VALIDATION_FAILED'])
    expectNothingHidden(body, { ...each, context })
    return 'refused'
  }
  expect(response.status, `${context}\n${JSON.stringify(body)}`).toBe(200)
  expect(body, context).not.toHaveProperty('sql')
  expect(body, context).not.toHaveProperty('params')
  return 'right'
}

async function valuesOf(each: Case, member: string): Promise<'right' | 'refused'> {
  const { world, policy, exists, caller } = each
  const context = `${each.context}\nvalues of ${member}`
  return askedOnOneDay({ dataset: world.name }, async () => {
    const path = `/v1/datasets/${world.name}/values/${member}?limit=500`
    const { status, body } = await server.json('GET', path, undefined, caller.key)
    if (!policy || !exists(member)) {
      expect([status, body.code], context).toEqual([404, 'NOT_FOUND'])
      expectNothingHidden(body, { ...each, context })
      return 'refused'
    }
    const counts = new Map<string, number>()
    for (const text of world.textsOf(member, placesOf(world, policy)))
      if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1)
    const bytes = (text: string) => Buffer.from(text)
    const right = [...counts].sort(([a, n], [b, m]) => m - n || Buffer.compare(bytes(a), bytes(b)))
    expect(body, context).toMatchObject({ data: right.map(([text]) => text), pagination: { total: right.length } })
    return 'right'
  })
}

async function described({ caller, world, policy, exists, context }: Case): Promise<'right' | 'refused'> {
  return askedOnOneDay({ dataset: world.name }, async () => {
    const list = (await server.json('GET', '/v1/datasets', undefined, caller.key)).body
    const known = worlds.filter(({ name }) => effectivePolicy(name, caller.policies)).map(({ name }) => name)
    expect(list.data.map(({ name }: any) => name).sort(), context).toEqual(known.sort())
    expect(list.pagination.total, context).toBe(known.length)
    const { status, body } = await server.json('GET', `/v1/datasets/${world.name}`, undefined, caller.key)
    if (!policy) {
      expect(status, context).toBe(404)
      return 'refused'
    }
    const right = [...world.dimensions, ...world.measures].filter(exists)
    expect(body.members.map(({ name }: any) => name).sort(), context).toEqual(right.sort())
    for (const name of [...body.key, ...(body.timeDimension ? [body.timeDimension] : [])])
      expect(exists(name), `${context}\n${name} is told`).toBe(true)
    expect(body.rowCount, context).toBe(placesOf(world, policy).length)
    expect(
      list.data.find(({ name }: any) => name === world.name),
      context,
    ).toEqual(body)
    return 'right'
  })
}

function next(number: number): () => Promise<'right' | 'refused'> {
  const each = newCase(number)
  const kind = random.next()
  if (kind < 0.06) return () => described(each)
  if (kind < 0.18) {
    const member = random.pick(each.world.texts)
    return () => valuesOf(each, member)
  }
  const drawn = each.world.query()
  const query = random.chance(0.8) ? (fitted(drawn, each.exists) ?? drawn) : drawn
  if (kind < 0.25) return () => dryRun(each, query)
  const accept = random.chance(0.2) ? random.pick(each.world.formats) : JSON_TYPE
  const explain = accept === JSON_TYPE && random.chance(0.1)
  const again = random.chance(0.2)
  return async () => {
    const first = await queried(each, accept, query, explain)
    return again ? queried(each, accept, query, explain) : first
  }
}

describe('random queries of callers under random policies', () => {
  it(`are answered over the rows and members of the policies, and nothing else (${cases} cases)`, async () => {
    const outcomes = { right: 0, refused: 0 }
    // Drawn in order, so that a seed repeats them, and asked in parallel.
    for (let number = 0; number < cases; number += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, cases - number) }, (_, at) => next(number + at))
      for (const outcome of await Promise.all(batch.map((run) => run()))) outcomes[outcome]++
    }
    console.log(`${outcomes.right} answers were right, ${outcomes.refused} questions refused`)
    expect(outcomes.right).toBeGreaterThan(cases / 2)
    expect(outcomes.refused).toBeGreaterThan(cases / 20)
  }, 600_000)
})
