import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startServer, type TestServer } from '../support/server.js'

interface Entry {
  id: string
  actor: string
  action: string
  target: string
  details: Record<string, unknown>
  at: string
}

/** Does what a route is for, as `key`, and gives the id of what it acted on. */
type AuditedChange = (key: string) => Promise<string>

let server: TestServer
let names = 0
let files = 0

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server?.stop()
})

async function done(method: string, path: string, body: unknown, key: string): Promise<any> {
  const answer = await server.json(method, path, body, key)
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body
}

async function newUser(more: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
  const body = { username: `audited-${++names}`, credits: 10, ...more }
  const { user, apiKey } = await done('POST', '/v1/admin/create-user', body, server.rootKey)
  return { id: user.id, key: apiKey }
}

async function entries(query = ''): Promise<Entry[]> {
  return (await done('GET', `/v1/admin/audit?limit=500&${query}`, undefined, server.rootKey)).data
}

async function newKey(): Promise<{ userId: string; keyId: string }> {
  const { id } = await newUser()
  const { key } = await done('POST', `/v1/admin/users/${id}/keys`, {}, server.rootKey)
  return { userId: id, keyId: key.id }
}

async function newPlan(key = server.rootKey): Promise<{ id: string }> {
  return done('POST', '/v1/admin/plans', { name: `plan ${++names}`, credits: 1, every: 'month' }, key)
}

async function newAlert(key: string): Promise<{ id: string }> {
  const { id } = await newUser()
  await done('PUT', `/v1/admin/users/${id}/low-balance`, { threshold: 1, url: 'http://192.0.43.10/hook' }, key)
  return { id }
}

async function upload(key: string): Promise<{ id: string }> {
  const response = await server.fetch('/v1/ingestions', {
    method: 'POST',
    key,
    headers: { 'content-type': 'text/csv' },
    body: [...transactionsCsv({ rows: 3, seed: ++files })].join(''),
  })
  expect(response.status).toBe(202)
  return (await response.json()) as { id: string }
}

const NO_TARGET = ''

async function made(path: string, body: unknown, key = server.rootKey): Promise<string> {
  return (await done('POST', path, body, key)).id
}

async function newOrder(): Promise<unknown> {
  const categoryId = await made('/v1/categories', { name: `category ${++names}` })
  const productId = await made('/v1/products', { name: 'p', price: 2, stockQuantity: 10, categoryId })
  const customerId = await made('/v1/customers', { name: 'Ann', email: `ann-${++names}@example.com` })
  return { customerId, items: [{ productId, quantity: 1 }] }
}

async function newDataset(key = server.rootKey): Promise<string> {
  const body = { name: `audited_${++names}`, columns: [{ name: 'a', type: 'text' }] }
  return (await done('POST', '/v1/admin/datasets', body, key)).name
}

async function inferred(key: string): Promise<string> {
  const response = await server.fetch(`/v1/admin/datasets/infer?fileName=audited-${++names}.csv`, {
    method: 'POST',
    key,
    headers: { 'content-type': 'text/csv' },
    body: 'a,b\n1,2\n',
  })
  expect(response.status).toBe(200)
  return ((await response.json()) as { dataset: { name: string } }).dataset.name
}

async function newEndpoint(key = server.rootKey): Promise<string> {
  const name = `audited-${++names}`
  const query = { dataset: 'transactions', measures: ['revenue'] }
  await done('PUT', `/v1/admin/endpoints/${name}`, { title: name, query }, key)
  return name
}

const SOURCES = '/v1/admin/datasets/transactions/sources'

async function newSource(key = server.rootKey): Promise<string> {
  const body = { name: `source ${++names}`, type: 'http', urls: ['http://192.0.43.10/a.csv'], schedule: '0 0 29 2 *' }
  return made(SOURCES, body, key)
}

async function actedOnSource(key: string, method: string, more = '', body?: unknown): Promise<string> {
  const id = await newSource()
  await done(method, `${SOURCES}/${id}${more}`, body, key)
  return id
}

const WEBHOOKS = '/v1/admin/webhooks'

async function newWebhook(key = server.rootKey): Promise<string> {
  return made(WEBHOOKS, { url: 'http://192.0.43.10/hook', events: ['plan.renewed'] }, key)
}

async function actedOnWebhook(key: string, method: string, more = '', body?: unknown): Promise<string> {
  const id = await newWebhook()
  await done(method, `${WEBHOOKS}/${id}${more}`, body, key)
  return id
}

async function resent(key: string): Promise<string> {
  const id = await newWebhook()
  const delivery = await made(`${WEBHOOKS}/${id}/test`, undefined)
  await done('POST', `${WEBHOOKS}/${id}/deliveries/${delivery}/resend`, undefined, key)
  return id
}

async function ended(id: string): Promise<void> {
  for (;;) {
    const { status } = (await server.json('GET', `/v1/ingestions/${id}`)).body
    if (status !== 'queued' && status !== 'running') return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The deeds of a plain resource. */
function auditedChangesOf(path: string, bodyOf: () => unknown): Record<string, AuditedChange> {
  const acting =
    (method: string, body?: () => unknown): AuditedChange =>
    async (key) => {
      const id = await made(path, await bodyOf())
      await done(method, `${path}/${id}`, await body?.(), key)
      return id
    }
  return {
    [`POST ${path}`]: async (key) => made(path, await bodyOf(), key),
    [`PATCH ${path}/{id}`]: acting('PATCH', () => ({ name: `changed ${++names}` })),
    [`PUT ${path}/{id}`]: acting('PUT', bodyOf),
    [`DELETE ${path}/{id}`]: acting('DELETE'),
  }
}

/** Every action of an admin, by its route in the OpenAPI document. A new route without a line here fails the test. */
const AUDITED_CHANGES: Record<string, AuditedChange> = {
  'POST /v1/admin/create-user': async (key) =>
    (await done('POST', '/v1/admin/create-user', { username: `audited-${++names}` }, key)).user.id,
  'PATCH /v1/admin/users/{id}': async (key) => {
    const { id } = await newUser()
    await done('PATCH', `/v1/admin/users/${id}`, { firstName: 'Alice', status: 'disabled' }, key)
    return id
  },
  'DELETE /v1/admin/users/{id}': async (key) => {
    const { id } = await newUser()
    await done('DELETE', `/v1/admin/users/${id}`, undefined, key)
    return id
  },
  'POST /v1/admin/plans': async (key) => (await newPlan(key)).id,
  'PATCH /v1/admin/plans/{id}': async (key) => {
    const { id } = await newPlan()
    await done('PATCH', `/v1/admin/plans/${id}`, { credits: 5 }, key)
    return id
  },
  'DELETE /v1/admin/plans/{id}': async (key) => {
    const { id } = await newPlan()
    await done('DELETE', `/v1/admin/plans/${id}`, undefined, key)
    return id
  },
  'POST /v1/admin/users/{id}/keys': async (key) =>
    (await done('POST', `/v1/admin/users/${(await newUser()).id}/keys`, { name: 'k' }, key)).key.id,
  'PATCH /v1/admin/users/{id}/keys/{keyId}': async (key) => {
    const { userId, keyId } = await newKey()
    await done('PATCH', `/v1/admin/users/${userId}/keys/${keyId}`, { status: 'disabled' }, key)
    return keyId
  },
  'DELETE /v1/admin/users/{id}/keys/{keyId}': async (key) => {
    const { userId, keyId } = await newKey()
    await done('DELETE', `/v1/admin/users/${userId}/keys/${keyId}`, undefined, key)
    return keyId
  },
  'POST /v1/admin/users/{id}/keys/{keyId}/rotate': async (key) => {
    const { userId, keyId } = await newKey()
    await done('POST', `/v1/admin/users/${userId}/keys/${keyId}/rotate`, {}, key)
    return keyId
  },
  'POST /v1/admin/add-credits': async (key) => {
    const { id } = await newUser()
    await done('POST', '/v1/admin/add-credits', { userId: id, amount: 5 }, key)
    return id
  },
  'POST /v1/admin/grants/{id}/void': async (key) => {
    const { id } = await newUser()
    const { data } = await done('GET', `/v1/admin/users/${id}/grants`, undefined, server.rootKey)
    await done('POST', `/v1/admin/grants/${data[0].id}/void`, undefined, key)
    return data[0].id
  },
  'PUT /v1/admin/users/{id}/low-balance': async (key) => (await newAlert(key)).id,
  'DELETE /v1/admin/users/{id}/low-balance': async (key) => {
    const { id } = await newAlert(server.rootKey)
    await done('DELETE', `/v1/admin/users/${id}/low-balance`, undefined, key)
    return id
  },
  'POST /v1/admin/webhooks': newWebhook,
  'PATCH /v1/admin/webhooks/{id}': (key) => actedOnWebhook(key, 'PATCH', '', { status: 'disabled' }),
  'DELETE /v1/admin/webhooks/{id}': (key) => actedOnWebhook(key, 'DELETE'),
  'POST /v1/admin/webhooks/{id}/rotate': (key) => actedOnWebhook(key, 'POST', '/rotate'),
  'POST /v1/admin/webhooks/{id}/test': (key) => actedOnWebhook(key, 'POST', '/test'),
  'POST /v1/admin/webhooks/{id}/deliveries/{deliveryId}/resend': resent,
  'POST /users': async (key) => (await done('POST', '/users', { username: `audited-${++names}` }, key)).id,
  'DELETE /users/{id}': async (key) => {
    const { id } = await newUser()
    await done('DELETE', `/users/${id}`, undefined, key)
    return id
  },
  ...auditedChangesOf('/v1/categories', () => ({ name: `category ${++names}` })),
  ...auditedChangesOf('/v1/products', async () => ({
    name: `product ${++names}`,
    price: 2,
    stockQuantity: 10,
    categoryId: await made('/v1/categories', { name: `category ${++names}` }),
  })),
  'POST /v1/products/batch': async (key) => {
    const categoryId = await made('/v1/categories', { name: `category ${++names}` })
    const products = [1, 2].map(() => ({ name: `product ${++names}`, price: 2, stockQuantity: 10, categoryId }))
    return (await done('POST', '/v1/products/batch', { products }, key)).data[0].id
  },
  ...auditedChangesOf('/v1/customers', () => ({ name: 'Ann', email: `ann-${++names}@example.com` })),
  'POST /v1/orders': async (key) => made('/v1/orders', await newOrder(), key),
  'DELETE /v1/orders/{id}': async (key) => {
    const id = await made('/v1/orders', await newOrder())
    await done('DELETE', `/v1/orders/${id}`, undefined, key)
    return id
  },
  'POST /v1/admin/views/refresh': async (key) => {
    await done('POST', '/v1/admin/views/refresh', undefined, key)
    return NO_TARGET
  },
  'DELETE /v1/ingestions/{id}': async (key) => {
    const { id } = await upload(server.rootKey)
    await ended(id)
    await done('DELETE', `/v1/ingestions/${id}`, undefined, key)
    return id
  },
  'POST /v1/ingestions': async (key) => (await upload(key)).id,
  'POST /v1/admin/datasets': newDataset,
  'POST /v1/admin/datasets/infer': inferred,
  'PATCH /v1/admin/datasets/{name}': async (key) => {
    const name = await newDataset()
    await done('PATCH', `/v1/admin/datasets/${name}`, { title: 'Audited' }, key)
    return name
  },
  'DELETE /v1/admin/datasets/{name}': async (key) => {
    const name = await newDataset()
    await done('DELETE', `/v1/admin/datasets/${name}?confirm=${name}`, undefined, key)
    return name
  },
  'PUT /v1/admin/endpoints/{name}': newEndpoint,
  'DELETE /v1/admin/endpoints/{name}': async (key) => {
    const name = await newEndpoint()
    await done('DELETE', `/v1/admin/endpoints/${name}`, undefined, key)
    return name
  },
  'POST /v1/admin/datasets/{name}/sources': newSource,
  'PATCH /v1/admin/datasets/{name}/sources/{id}': (key) => actedOnSource(key, 'PATCH', '', { isEnabled: false }),
  'DELETE /v1/admin/datasets/{name}/sources/{id}': (key) => actedOnSource(key, 'DELETE'),
  'POST /v1/admin/datasets/{name}/sources/{id}/run': (key) => actedOnSource(key, 'POST', '/run'),
  'POST /v1/ingestions/{id}/cancel': async (key) => {
    // A job may be over before it can be canceled: then another one is tried.
    for (let tries = 0; tries < 20; tries++) {
      const { id } = await upload(server.rootKey)
      const { status } = await server.json('POST', `/v1/ingestions/${id}/cancel`, undefined, key)
      if (status === 200) return id
    }
    throw new Error('no job could be canceled')
  },
}

describe('the audit trail', () => {
  it('has one entry for each action of an admin, whatever the route', async () => {
    const { body: document } = await server.json('GET', '/swagger-json', undefined, null)
    const actions = Object.entries<any>(document.paths).flatMap(([path, operations]) =>
      Object.entries<any>(operations)
        .filter(([method, operation]) => method !== 'get' && operation['x-access'] === 'admin')
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    )
    expect(actions.sort()).toEqual(Object.keys(AUDITED_CHANGES).sort())
    const admin = await newUser({ role: 'admin' })
    for (const action of actions) {
      const target = await AUDITED_CHANGES[action]!(admin.key)
      const ofTarget = target === NO_TARGET ? 'action=views.refresh' : `target=${target}`
      const written = await entries(`${ofTarget}&actor=${admin.id}`)
      expect(written, action).toHaveLength(1)
      expect(written[0], action).toMatchObject({ actor: admin.id, target: target || null })
      expect(written[0]!.action).toMatch(/^[a-z-]+\.[a-z-]+$/)
      expect(Math.abs(Date.parse(written[0]!.at) - Date.now())).toBeLessThan(60_000)
    }
    expect(await entries(`actor=${admin.id}`)).toHaveLength(actions.length)
  })

  it('says who, what and how, newest first, and filters by each', async () => {
    const before = new Date().toISOString()
    const { id } = await newUser()
    await done('POST', '/v1/admin/add-credits', { userId: id, amount: 7, reason: 'invoice 7' }, server.rootKey)
    const [added, created] = await entries(`target=${id}`)
    expect(added).toMatchObject({
      actor: 'root',
      action: 'credits.add',
      details: { amount: 7, reason: 'invoice 7', grantId: expect.any(String), requestId: expect.any(String) },
    })
    expect(created).toMatchObject({ actor: 'root', action: 'user.create', details: { role: 'member', credits: 10 } })
    expect(await entries(`target=${id}&action=user.create`)).toEqual([created])
    expect(await entries(`target=${id}&from=${added!.at}`)).toEqual([added])
    expect(await entries(`target=${id}&to=${before}`)).toEqual([])
    const page = (await server.json('GET', `/v1/admin/audit?target=${id}&limit=1&offset=1`)).body
    expect(page).toMatchObject({ data: [{ id: created!.id }], pagination: { limit: 1, offset: 1, total: 2 } })
  })

  it('holds no key and nothing personal', async () => {
    const { id, key } = await newUser({ email: 'alice@example.com', firstName: 'Alicia' })
    await done('PATCH', `/v1/admin/users/${id}`, { email: 'bob@example.com', lastName: 'Borden' }, server.rootKey)
    const all = JSON.stringify(await entries())
    for (const secret of [key, server.rootKey, 'alice@', 'bob@', 'Alicia', 'Borden']) expect(all).not.toContain(secret)
    expect((await entries(`target=${id}&action=user.update`))[0]!.details.fields).toEqual(['email', 'lastName'])
  })

  it('leaves no entry of an action that failed', async () => {
    const { length } = await entries()
    const nobody = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
    const failing: [string, string, unknown, number][] = [
      ['POST', '/v1/admin/create-user', { username: 'audited-1' }, 409],
      ['POST', '/v1/admin/create-user', { username: '' }, 400],
      ['POST', '/v1/admin/add-credits', { userId: nobody, amount: 1 }, 404],
      ['PATCH', `/v1/admin/users/${nobody}`, { firstName: 'A' }, 404],
      ['DELETE', `/v1/admin/users/${nobody}`, undefined, 404],
    ]
    for (const [method, path, body, status] of failing)
      expect((await server.json(method, path, body)).status, path).toBe(status)
    expect(await entries()).toHaveLength(length)
  })

  it('is read by viewers and not by members', async () => {
    const viewer = await newUser({ role: 'viewer' })
    const member = await newUser()
    expect((await server.json('GET', '/v1/admin/audit', undefined, viewer.key)).status).toBe(200)
    expect((await server.json('GET', '/v1/admin/audit', undefined, member.key)).status).toBe(403)
  })
})
