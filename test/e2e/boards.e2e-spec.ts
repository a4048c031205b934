import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

const BY_COUNTRY = {
  dataset: 'transactions',
  measures: ['revenue'],
  dimensions: ['country'],
  filters: [{ or: [{ member: 'region', operator: 'equals', values: ['North'] }] }],
}
const REVENUE = { dataset: 'transactions', measures: ['revenue'] }
const VIEW = {
  type: 'bar',
  measures: ['revenue'],
  formats: { revenue: { kind: 'currency', currency: 'EUR', decimals: 2 } },
}

/** Rows of one country, as a tenant has them. */
const rowsOf = (country: string) => ({
  datasets: { transactions: { filters: [{ member: 'country', operator: 'equals', values: [country] }] } },
})

let server: TestServer
const people = {} as Record<'ann' | 'ben' | 'revenueOnly' | 'north' | 'north2' | 'south' | 'viewer' | 'admin', Customer>
type Person = keyof typeof people | 'root'

const keyOf = (person: Person) => (person === 'root' ? server.rootKey : people[person].key)
const send = (person: Person, method: string, path: string, body?: unknown) =>
  server.json(method, `/v1/${path}`, body, keyOf(person))
const pathsOf = ({ errors }: any): string[] => errors.map(({ path }: { path: string }) => path)

async function save(person: Person, more: object = {}): Promise<any> {
  const { status, body } = await send(person, 'POST', 'saved-queries', { name: 'saved', query: REVENUE, ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

const tileOf = ({ id }: { id: string }, more: object = {}) => ({ savedQueryId: id, x: 0, y: 0, w: 6, h: 4, ...more })

async function board(person: Person, tiles: object[], more: object = {}): Promise<any> {
  const { status, body } = await send(person, 'POST', 'boards', { name: 'board', tiles, ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

/** Those of them for whom it is there. */
async function seeing(path: string): Promise<Person[]> {
  const all: Person[] = ['root', 'admin', 'viewer', 'ann', 'ben', 'revenueOnly', 'north', 'north2', 'south']
  const found = await Promise.all(
    all.map(async (person) => {
      const [list, id] = path.split('/') as [string, string]
      const { status } = await send(person, 'GET', path)
      const listed = (await send(person, 'GET', `${list}?limit=500`)).body.data.map((each: any) => each.id)
      expect(listed.includes(id), `${person} ${status}`).toBe(status === 200)
      return status === 200 ? [person] : []
    }),
  )
  return found.flat()
}

beforeAll(async () => {
  server = await startServer()
  const make = (more: Record<string, unknown>) => Customer.create(server, 10, more)
  Object.assign(people, {
    ann: await make({}),
    ben: await make({}),
    revenueOnly: await make({ access: { datasets: { transactions: { members: ['revenue', 'category'] } } } }),
    north: await make({ access: rowsOf('Norway') }),
    north2: await make({ access: rowsOf('Norway') }),
    south: await make({ access: rowsOf('Spain') }),
    viewer: await make({ role: 'viewer' }),
    admin: await make({ role: 'admin' }),
  })
})
afterAll(async () => {
  await server?.stop()
})

describe('a saved query', () => {
  it('is kept as it was written, executed by nobody and free', async () => {
    const saved = await save('ann', { name: 'By country', query: BY_COUNTRY, view: VIEW })
    const owned = { isOwn: true, mayChange: true, owner: null, revision: 1, visibility: 'private', description: '' }
    expect(saved).toMatchObject({ name: 'By country', query: BY_COUNTRY, view: VIEW, broken: null, ...owned })
    expect(Object.keys(saved.query)).toEqual(Object.keys(BY_COUNTRY))
    expect((await send('ann', 'GET', `saved-queries/${saved.id}`)).body).toEqual(saved)
    const change = { name: 'Renamed', query: REVENUE, revision: 1 }
    expect((await send('ann', 'PUT', `saved-queries/${saved.id}`, change)).body).toMatchObject({
      ...{ name: 'Renamed', revision: 2, dataset: 'transactions', view: { type: 'table' } },
    })
    const late = await send('ann', 'PUT', `saved-queries/${saved.id}`, { ...change, name: 'Late' })
    expect(late).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect(await people.ann.credits()).toBe(10)
    expect((await send('ann', 'DELETE', `saved-queries/${saved.id}`)).status).toBe(204)
    expect((await send('ann', 'GET', `saved-queries/${saved.id}`)).status).toBe(404)
  })

  it('is checked as the query itself, for whoever saves it', async () => {
    for (const person of ['ann', 'revenueOnly', 'root'] as const)
      for (const query of [
        { ...REVENUE, dataset: 'trans' },
        { ...BY_COUNTRY, limit: 0 },
        { measures: ['profit'] },
        {},
      ]) {
        const asked = await send(person, 'POST', 'query/dry-run', query)
        const { status, body } = await send(person, 'POST', 'saved-queries', { name: 'x', query })
        expect([status, body.code]).toEqual([asked.status, asked.body.code])
        expect(body.errors).toEqual(asked.body.errors.map((each: any) => ({ ...each, path: `query.${each.path}` })))
      }
  })

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, 'name'],
    ['a blank name', { name: ' ' }, 'name'],
    ['an unknown visibility', { visibility: 'public' }, 'visibility'],
    ['no query', { query: undefined }, 'query'],
    ['a query that is too large', { query: { ...REVENUE, filters: Array(40_000).fill(1) } }, 'query'],
    ['an unknown chart', { view: { type: 'pie' } }, 'view.type'],
    ['an unknown field of a view', { view: { type: 'bar', script: 'x' } }, 'view.script'],
    ['too many columns', { view: { type: 'bar', measures: Array(51).fill('a') } }, 'view.measures'],
    ['an unknown format', { view: { type: 'bar', formats: { revenue: { kind: 'html' } } } }, 'view.formats'],
    [
      'another field of a format',
      { view: { type: 'bar', formats: { revenue: { kind: 'number', a: 1 } } } },
      'view.formats',
    ],
    [
      'a currency that is none',
      { view: { type: 'bar', formats: { a: { kind: 'currency', currency: '<b>' } } } },
      'view.formats',
    ],
  ])('is refused with %s', async (_what, more, path) => {
    const { status, body } = await send('ann', 'POST', 'saved-queries', { name: 'x', query: REVENUE, ...more })
    expect([status, pathsOf(body)]).toEqual([400, [path]])
  })

  it('exists for its owner and admins while it is private', async () => {
    const saved = await save('ann')
    expect(await seeing(`saved-queries/${saved.id}`)).toEqual(['root', 'admin', 'ann'])
    const ofRoot = await save('root')
    expect(await seeing(`saved-queries/${ofRoot.id}`)).toEqual(['root', 'admin'])
    const told = await send('admin', 'GET', `saved-queries/${saved.id}`)
    expect(told.body).toMatchObject({ owner: { id: people.ann.id }, isOwn: false, mayChange: true })
  })

  it('that is shared exists for those whose access has its dataset and members', async () => {
    const shared = { visibility: 'shared' }
    const everybody = ['root', 'admin', 'viewer', 'ann', 'ben', 'revenueOnly', 'north', 'north2', 'south']
    expect(await seeing(`saved-queries/${(await save('ann', shared)).id}`)).toEqual(everybody)
    const byCountry = await save('ann', { ...shared, query: BY_COUNTRY })
    const allMembers = everybody.filter((person) => person !== 'revenueOnly')
    expect(await seeing(`saved-queries/${byCountry.id}`)).toEqual(allMembers)
    const events = await save('ann', { ...shared, query: { dataset: 'events', measures: ['events'] } })
    expect(await seeing(`saved-queries/${events.id}`)).toEqual(['root', 'admin', 'viewer', 'ann', 'ben'])
    expect((await send('ben', 'GET', `saved-queries/${byCountry.id}`)).body).toMatchObject({
      ...{ owner: null, isOwn: false, mayChange: false },
    })
  })

  it('of a tenant is shared with those who get the same rows, and with those who get all', async () => {
    const { id } = await save('north', { visibility: 'shared' })
    const allRows = ['root', 'admin', 'viewer', 'ann', 'ben', 'revenueOnly']
    expect(await seeing(`saved-queries/${id}`)).toEqual([...allRows, 'north', 'north2'])
    // It stays theirs when an admin changes it.
    const change = { name: 'x', query: REVENUE, visibility: 'shared', revision: 1 }
    expect((await send('admin', 'PUT', `saved-queries/${id}`, change)).status).toBe(200)
    expect((await send('south', 'GET', `saved-queries/${id}`)).status).toBe(404)
  })

  it('does not exist for a key of its owner that may not query its dataset', async () => {
    const saved = await save('ben', { query: BY_COUNTRY })
    const access = { datasets: { events: {} } }
    const { apiKey } = (await send('ben', 'POST', 'me/keys', { access })).body
    expect((await server.json('GET', `/v1/saved-queries/${saved.id}`, undefined, apiKey)).status).toBe(404)
  })

  it('is changed and deleted by its owner and admins alone', async () => {
    const { id } = await save('ann', { visibility: 'shared' })
    const change = { name: 'Theirs', query: REVENUE, visibility: 'shared', revision: 1 }
    for (const person of ['ben', 'viewer', 'north'] as const) {
      expect(await send(person, 'PUT', `saved-queries/${id}`, change)).toMatchObject({ status: 403 })
      expect(await send(person, 'DELETE', `saved-queries/${id}`)).toMatchObject({ status: 403 })
    }
    const secret = await save('ann')
    expect((await send('ben', 'PUT', `saved-queries/${secret.id}`, change)).status).toBe(404)
    expect((await send('ben', 'DELETE', `saved-queries/${secret.id}`)).status).toBe(404)
    expect((await send('admin', 'DELETE', `saved-queries/${id}`)).status).toBe(204)
    const trail = (await send('root', 'GET', `admin/audit?target=${id}`)).body.data
    expect(trail.map(({ actor, action }: any) => [actor, action])).toEqual([
      [people.admin.id, 'saved-query.delete'],
      [people.ann.id, 'saved-query.create'],
    ])
  })

  it('is found by its words, its dataset and its owner', async () => {
    const saved = await save('ann', { name: 'Wanted 100%', description: 'of_it', visibility: 'shared' })
    const found = async (person: Person, query: string) =>
      (await send(person, 'GET', `saved-queries?${query}`)).body.data.map(({ id }: any) => id)
    for (const words of ['wanted', '100%25', 'OF_', 'wanted&dataset=transactions', 'wanted&mine=true'])
      expect(await found('ann', `search=${words}`), words).toEqual([saved.id])
    for (const words of ['100_', 'wanted&dataset=events']) expect(await found('ann', `search=${words}`)).toEqual([])
    expect(await found('ben', 'search=wanted')).toEqual([saved.id])
    expect(await found('ben', 'search=wanted&mine=true')).toEqual([])
    expect((await send('ann', 'GET', 'saved-queries?limit=1&offset=1')).body).toMatchObject({
      data: [expect.anything()],
      pagination: { limit: 1, offset: 1 },
    })
  })

  it('says why it cannot be executed any more', async () => {
    const columns = [{ name: 'a', type: 'text' }]
    expect((await send('root', 'POST', 'admin/datasets', { name: 'gone', columns })).status).toBe(201)
    const { id } = await save('admin', { query: { dataset: 'gone', measures: ['rows'] } })
    expect((await send('root', 'DELETE', 'admin/datasets/gone?confirm=gone')).status).toBe(204)
    const { body } = await send('admin', 'GET', `saved-queries/${id}`)
    expect(body.broken).toMatch(/Unknown dataset "gone"/)
  })
})

describe('a dashboard', () => {
  it('has saved queries and texts on a grid, and is changed as a whole', async () => {
    const saved = await save('ann')
    const tiles = [tileOf(saved), { text: 'Sales\nof the year', x: 6, y: 0, w: 6, h: 2 }]
    const made = await board('ann', tiles, { refreshSeconds: 60 })
    const nothing = { savedQueryId: null, savedQuery: null }
    expect(made).toMatchObject({
      ...{ name: 'board', visibility: 'private', refreshSeconds: 60, tileCount: 2, revision: 1, isOwn: true },
      tiles: [
        { ...tiles[0], text: null, savedQuery: { id: saved.id, query: REVENUE } },
        { ...tiles[1], ...nothing },
      ],
    })
    expect((await send('ann', 'GET', `boards/${made.id}`)).body).toEqual(made)
    const change = { name: 'Changed', tiles: [tiles[1]], revision: 1 }
    const changed = await send('ann', 'PUT', `boards/${made.id}`, change)
    expect(changed.body).toMatchObject({ name: 'Changed', revision: 2, refreshSeconds: null, tiles: [tiles[1]] })
    expect((await send('ann', 'PUT', `boards/${made.id}`, change)).status).toBe(409)
    expect((await send('ben', 'PUT', `boards/${made.id}`, change)).status).toBe(404)
    const [listed] = (await send('ann', 'GET', 'boards?search=changed')).body.data
    expect(listed).toMatchObject({ id: made.id, tileCount: 1 })
    expect(listed).not.toHaveProperty('tiles')
    expect((await send('ann', 'DELETE', `boards/${made.id}`)).status).toBe(204)
    expect((await send('ann', 'GET', `boards/${made.id}`)).status).toBe(404)
    expect(await people.ann.credits()).toBe(10)
  })

  it('is refused with tiles that are none, naming each', async () => {
    const theirs = await save('ben')
    const tiles = [
      { x: 0, y: 0, w: 1, h: 1 },
      { text: 'a', savedQueryId: theirs.id, x: 0, y: 0, w: 1, h: 1 },
      tileOf(theirs),
      { text: 'wide', x: 6, y: 0, w: 7, h: 1 },
    ]
    const { status, body } = await send('ann', 'POST', 'boards', { name: 'x', tiles })
    const found = ['tiles[0]', 'tiles[1]', 'tiles[1].savedQueryId', 'tiles[2].savedQueryId', 'tiles[3].w']
    expect([status, pathsOf(body)]).toEqual([400, found])
    const wrong = { x: 12, y: -1, w: 0, h: 51, text: 'a\u0000b' }
    const shape = await send('ann', 'POST', 'boards', { name: 'x', refreshSeconds: 1, tiles: [wrong] })
    expect(pathsOf(shape.body).sort()).toEqual(
      ['refreshSeconds', ...['h', 'text', 'w', 'x', 'y'].map((field) => `tiles[0].${field}`)].sort(),
    )
  })

  it('that is shared exists where one of its queries does, and tells of those alone', async () => {
    const hidden = await save('ann')
    const open = await save('ann', { visibility: 'shared', query: BY_COUNTRY })
    const { id } = await board('ann', [tileOf(hidden), tileOf(open, { x: 6 })], { visibility: 'shared' })
    const allMembers = ['root', 'admin', 'viewer', 'ann', 'ben', 'north', 'north2', 'south']
    expect(await seeing(`boards/${id}`)).toEqual(allMembers)
    const { tiles } = (await send('ben', 'GET', `boards/${id}`)).body
    expect(tiles.map(({ savedQuery }: any) => savedQuery?.id ?? null)).toEqual([null, open.id])
    const private_ = await board('ann', [tileOf(open)])
    expect(await seeing(`boards/${private_.id}`)).toEqual(['root', 'admin', 'ann'])
    const ofTenant = await board('north', [tileOf(open), { text: 'ours', x: 0, y: 9, w: 1, h: 1 }], {
      visibility: 'shared',
    })
    expect(await seeing(`boards/${ofTenant.id}`)).toEqual(allMembers.filter((person) => person !== 'south'))
  })

  it('keeps a tile that whoever changes it does not see', async () => {
    const open = await save('ann', { visibility: 'shared' })
    const { id } = await board('ben', [tileOf(open)])
    const hide = { name: 'saved', query: REVENUE, visibility: 'private', revision: 1 }
    expect((await send('ann', 'PUT', `saved-queries/${open.id}`, hide)).status).toBe(200)
    const change = { name: 'kept', tiles: [tileOf(open, { x: 3 })], revision: 1 }
    const { status, body } = await send('ben', 'PUT', `boards/${id}`, change)
    expect([status, body.tiles]).toEqual([
      200,
      [expect.objectContaining({ savedQueryId: open.id, savedQuery: null, x: 3 })],
    ])
  })

  it('keeps its saved queries from being deleted, unless that is what is asked for', async () => {
    const saved = await save('ann', { visibility: 'shared' })
    const own = await board('ann', [tileOf(saved), tileOf(saved, { y: 4 })], { name: 'Mine' })
    const theirs = await board('ben', [tileOf(saved)], { name: 'Secret plans' })
    const refused = await send('ann', 'DELETE', `saved-queries/${saved.id}`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect(refused.body.detail).toMatch(/2 dashboards: "Mine", 1 of others/)
    expect(JSON.stringify(refused.body)).not.toContain('Secret plans')
    expect((await send('ann', 'DELETE', `saved-queries/${saved.id}?force=true`)).status).toBe(204)
    for (const [person, { id }] of [
      ['ann', own],
      ['ben', theirs],
    ] as const)
      expect((await send(person, 'GET', `boards/${id}`)).body).toMatchObject({ tiles: [], revision: 2 })
  })
})
