import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

let server: TestServer
let customer: Customer

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '1000000' } })
  customer = await Customer.create(server, 100_000)
  await load([
    'U1,2024-03-01,,Chile,P1,1,1',
    'U2,2024-03-01,,Chile,P1,1,1',
    'U3,2024-03-01,,Peru,P1,1,1',
    'U4,2024-03-01,a,Peru,P2,1,1',
    'U5,2024-03-02,a,Peru,P2,1,1',
    'U6,2024-03-02,A,Cuba,P2,1,1',
  ])
})
afterAll(() => server?.stop())

async function load(lines: string[]): Promise<void> {
  const response = await server.fetch('/v1/ingestions?wait=true&format=csv', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: ['TransactionId,TransactionDate,UserId,Country,ProductId,Quantity,TotalPrice', ...lines, ''].join('\n'),
  })
  expect(await response.json()).toMatchObject({ status: 'succeeded', rowsAccepted: lines.length })
}

describe('distinct counts', () => {
  it('leave the empty value out: it is nobody', async () => {
    const { data } = await customer.execute({ measures: ['unique_users', 'unique_products'], dimensions: ['country'] })
    expect(data).toEqual([
      { country: 'Chile', unique_users: 0, unique_products: 1 },
      { country: 'Cuba', unique_users: 1, unique_products: 1 },
      { country: 'Peru', unique_users: 1, unique_products: 2 },
    ])
    expect((await customer.execute({ measures: ['unique_users', 'transactions'] })).data).toEqual([
      { unique_users: 2, transactions: 6 },
    ])
  })

  it('and are 0 over no rows, and as filters of groups', async () => {
    const nowhere = [{ member: 'country', operator: 'equals', values: ['Nowhere'] }]
    expect((await customer.execute({ measures: ['unique_users'], filters: nowhere })).data).toEqual([
      { unique_users: 0 },
    ])
    const nobody = [{ member: 'unique_users', operator: 'equals', values: [0] }]
    expect((await customer.execute({ dimensions: ['country'], filters: nobody })).data).toEqual([{ country: 'Chile' }])
  })
})

describe('time zones', () => {
  const inZone = async (timezone: string, dataset = 'events') => {
    const moments = { measures: ['events'], timeDimension: { dimension: 'timestamp', granularity: 'hour' } }
    const dates = { measures: ['revenue'], timeDimension: { dimension: 'added_date', dateRange: 'last 3 days' } }
    const query = dataset === 'events' ? moments : dates
    const response = await customer.query({ dataset, ...query, timezone })
    return { status: response.status, body: (await response.json()) as any }
  }

  it.each(['EST5EDT', 'est5edt', 'europe/BERLIN', 'ACT', 'Etc/GMT+12', 'Asia/Kolkata', 'Asia/Calcutta', 'GB', 'utc'])(
    '%s is one',
    async (zone) => {
      expect(await inZone(zone)).toMatchObject({ status: 200 })
      expect(await inZone(zone, 'transactions')).toMatchObject({ status: 200 })
    },
  )

  it.each([
    ['SystemV/EST5EDT', 'EST5EDT'],
    ['systemv/pst8pdt', 'PST8PDT'],
    ['Etc/GMT+13', 'Etc/GMT+12'],
    ['Europe/Berln', 'Europe/Berlin'],
    ['Europe-Berlin', 'Europe/Berlin'],
    ['posix/Europe/Rome', 'Europe/Rome'],
  ])('%s is none, and %s is near', async (zone, nearest) => {
    for (const dataset of ['events', 'transactions']) {
      const { status, body } = await inZone(zone, dataset)
      expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED'])
      expect(body.errors).toEqual([{ path: 'timezone', message: expect.stringContaining(`"${nearest}"`) }])
    }
  })

  it('that this process knows are known to the engine, or refused', async () => {
    const others = ['AST4', 'AST4ADT', 'CST6', 'CST6CDT', 'EST5', 'HST10', 'MST7', 'MST7MDT', 'PST8', 'YST9', 'YST9YDT']
    const zones = [...Intl.supportedValuesOf('timeZone'), ...others.map((name) => `SystemV/${name}`)]
    const known: string[] = []
    for (const zone of [...zones, 'UCT', 'GMT0', 'GMT+0', 'Zulu', 'W-SU', 'ROC', 'Antarctica/Troll', 'Europe/Kyiv']) {
      const { status, body } = await inZone(zone)
      if (status === 200) known.push(zone)
      else expect([zone, status, body.errors[0].path], zone).toEqual([zone, 400, 'timezone'])
    }
    expect(known.length).toBeGreaterThan(400)
    expect(known.filter((zone) => zone.startsWith('SystemV/'))).toEqual([])
  })
})

describe('GET /v1/datasets/:name/values/:member', () => {
  const valuesOf = (path: string, key?: string) => server.json('GET', `/v1/datasets/${path}`, undefined, key)
  const columns = 'C1,C2,C3'.split(',')

  beforeAll(async () => {
    await load([
      ...columns.map((id, n) => `V${id},2024-05-0${n + 1},ΣΊΣΥΦΟΣ,Österreich,${'P%_'[n]},1,1`),
      'VD,2024-05-04,u_1,österreich-ost,P,1,1',
      "VE,2024-05-04,u%1,O'Hara \\ x,P,1,1",
    ])
    const event = (region: unknown) => ({ source: 'picker', type: 'sale', values: { region } })
    await server.json('POST', '/api/ingest/batch', ['North', 'North', 'South', 7.5].map(event))
  })

  it('gives the distinct values, most frequent first, without the empty one', async () => {
    const { status, body } = await valuesOf('transactions/values/country', customer.key)
    expect(status).toBe(200)
    expect(body.data).toEqual(['Peru', 'Österreich', 'Chile', 'Cuba', "O'Hara \\ x", 'österreich-ost'])
    expect(body.pagination).toEqual({ limit: 50, offset: 0, total: 6 })
    expect((await valuesOf('transactions/values/region')).body.data).toEqual([])
    expect((await valuesOf('transactions/values/country?limit=2')).body).toEqual({
      data: ['Peru', 'Österreich'],
      pagination: { limit: 2, offset: 0, total: 6 },
    })
  })

  it.each([
    ['country', 'ÖSTER', ['Österreich', 'österreich-ost']],
    ['country', "o'h", ["O'Hara \\ x"]],
    ['country', '\\', ["O'Hara \\ x"]],
    ['country', "' OR 1=1 --", []],
    ['user_id', 'σίσυφος', ['ΣΊΣΥΦΟΣ']],
    ['user_id', '%', ['u%1']],
    ['user_id', '_', ['u_1']],
    ['user_id', '', ['ΣΊΣΥΦΟΣ', 'a', 'A', 'u%1', 'u_1']],
  ])('searches %s for %j whatever the case', async (member, search, found) => {
    const { body } = await valuesOf(`transactions/values/${member}?search=${encodeURIComponent(search)}`)
    expect(body.data.sort()).toEqual([...found].sort())
  })

  it('knows the keys of events', async () => {
    expect((await valuesOf('events/values/values.region?search=')).body.data).toEqual(['North', '7.5', 'South'])
    expect((await valuesOf('events/values/source')).body.data).toContain('picker')
    expect((await valuesOf(`events/values/${encodeURIComponent("values.it's `x`")}`)).body.data).toEqual([])
  })

  it('costs nothing, and knows what was loaded since', async () => {
    const before = await customer.credits()
    await valuesOf('transactions/values/category', customer.key)
    await valuesOf('transactions/values/product_id', customer.key)
    expect(await customer.credits()).toBe(before)
    await load(['VF,2024-05-04,,Zanzibar,P,1,1'])
    expect((await valuesOf('transactions/values/country')).body.data).toContain('Zanzibar')
  })

  it.each([
    ['transactions/values/contry', 404, 'This member does not exist. Did you mean "country"?'],
    ['transactions/values/__proto__', 404, 'This member does not exist.'],
    ['transaction/values/country', 404, 'This dataset does not exist. Did you mean "transactions"?'],
    ['transaction', 404, 'This dataset does not exist. Did you mean "transactions"?'],
    ['events/values/sorce', 404, 'Did you mean "source"?'],
    ['transactions/values/revenue', 400, 'only texts have a list of values: use transaction_id'],
    ['transactions/values/added_date', 400, 'only texts have a list of values'],
    ['transactions/values/country?limit=0', 400, 'limit'],
    ['transactions/values/country?limit=501', 400, 'limit'],
    [`transactions/values/country?search=${'x'.repeat(257)}`, 400, 'search'],
    ['transactions/values/country?search=a%0Ab', 400, 'search'],
    ['transactions/values/country?nonsense=1', 400, 'nonsense'],
  ])('%s is answered with %i', async (path, status, detail) => {
    const answer = await valuesOf(path)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(detail)])
  })

  let round = 0
  it('lists what there is where nothing is near', async () => {
    const { status, body } = await valuesOf('transactions/values/zzz')
    expect([status, body.detail]).toEqual([404, 'This member does not exist.'])
    expect(body.errors).toEqual([
      { path: 'member', message: expect.stringMatching(/^Unknown member "zzz"\. Use .*country/) },
    ])
    const dataset = await valuesOf('zzz')
    expect(dataset.body.errors[0].message).toBe('Unknown dataset "zzz". Use transactions or events')
  })

  it('gives one caller no more than a share of the engine', { retry: 3 }, async () => {
    round++
    const paths = Array.from({ length: 30 }, (_, n) => `transactions/values/transaction_id?search=${round}x${n}`)
    const statuses = (await Promise.all(paths.map((path) => valuesOf(path, customer.key)))).map(({ status }) => status)
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    expect(statuses).toContain(200)
    expect(statuses).toContain(429)
    // Nobody is locked out by it.
    expect((await valuesOf('transactions/values/country?search=z', customer.key)).status).toBe(200)
  })
})

describe('names that do not exist, of an upload', () => {
  const upload = async (query: Record<string, string>, header: string) => {
    const path = `/v1/ingestions?${new URLSearchParams({ format: 'csv', wait: 'true', ...query }).toString()}`
    const response = await server.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: `${header}\nX1,2024-03-01,Chile,P1,1,1\n`,
    })
    return JSON.stringify(await response.json())
  }
  const header = 'TransactionId,TransactionDate,Country,ProductId,Quantity,TotalPrice'

  it('are answered with the nearest', async () => {
    expect(await upload({ dataset: 'transaction' }, header)).toContain('Did you mean \\"transactions\\"?')
    const mapping = (value: object) => ({ mapping: JSON.stringify(value) })
    expect(await upload(mapping({ Contry: 'Country' }), header)).toContain('Did you mean \\"Country\\"?')
    expect(await upload(mapping({ Country: 'Contry' }), header)).toContain('Did you mean \\"Country\\"?')
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`c${n}`, 'x']))
    expect((await upload(mapping(many), header)).length).toBeLessThan(40_000)
  })
})
