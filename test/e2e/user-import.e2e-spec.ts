import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { jobIn } from '../support/upload.js'
import { TestEngines } from '../support/engines.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'

const HEADER = 'id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id'
const UUID = '019AA4C2-7A3E-7CC1-B0A5-3F6F3F0F5A11'

describe('the dataset users', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  const env = {
    RATE_LIMIT_PER_MINUTE: '100000',
    INGESTION_LEASE_SECONDS: '1',
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  }
  let dataDir: string
  let engines: TestEngines
  let urls: TestEngines['urls']
  let database: pg.Client
  let server: TestServer

  beforeAll(async () => {
    console.log(`users: SEED=${seed}`)
    engines = await TestEngines.start()
    ;({ dataDir, urls } = engines)
    server = await startServer({ env: { ...urls, ...env }, dataDir })
    database = new PostgresClient({ connectionString: urls.POSTGRES_URL })
    await database.connect()
  })
  afterAll(async () => {
    await database?.end()
    await server?.stop({ keepData: true })
    await engines?.stop()
  })

  const post = async (body: string | Buffer, options: Record<string, string> = {}) => {
    const query = new URLSearchParams({ dataset: 'users', wait: 'true', ...options })
    const response = await server.fetch(`/v1/ingestions?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: body as RequestInit['body'],
    })
    return { status: response.status, body: await jobIn(response) }
  }
  const csv = (...records: string[]): string => `${[HEADER, ...records].join('\n')}\n`
  const rows = async (where: string, ...values: unknown[]): Promise<any[]> =>
    (await database.query(`SELECT * FROM users WHERE ${where} ORDER BY external_id`, values)).rows
  const find = async (search: string): Promise<any[]> =>
    (await server.json('GET', `/v1/admin/users?search=${encodeURIComponent(search)}`)).body.data
  const jobOf = async (id: string) => (await server.json('GET', `/v1/ingestions/${id}`)).body
  const ended = async (id: string): Promise<any> => {
    for (;;) {
      const job = await jobOf(id)
      if (!['queued', 'running'].includes(job.status)) return job
      await sleep(50)
    }
  }

  it('makes accounts of the records and explains every reject', async () => {
    const bad = [
      ',No,Id,no@example.com,1700000000,-1,-1,',
      '8,Bad,Email,at-nowhere,1700000000,-1,-1,',
      '9,Bad,Time,b@example.com,yesterday,-1,-1,',
      '10,Too,Few',
    ]
    const { body: job } = await post(
      csv(
        '1,Ada,Lovelace,ada@example.com,1700000000000,-1,-1,-1',
        `${UUID},"Grace ""Amazing""",Hopper,grace@example.com,1700000000,-1,-1,`,
        ...bad,
        '3,Gone,Away,gone@example.com,1600000000000,1700000000000,-1,1',
        '4,Merged,"In\nto",,1600000000000,-1,1650000000,1',
        '1,Ada,King,countess@example.com,1700000000000,-1,-1,-1',
      ),
    )
    expect(job).toMatchObject({ dataset: 'users', status: 'succeeded', rowsRead: 9, rowsAccepted: 5, rowsRejected: 4 })
    expect(job.bytesDone).toBe(job.bytesTotal)
    const rejects = (await server.json('GET', `/v1/ingestions/${job.id}/rejects`)).body
    expect(rejects.data).toEqual([
      { row: 3, line: 4, column: 'id', reason: 'id: is required', value: '', raw: bad[0] },
      expect.objectContaining({ row: 4, line: 5, column: 'email_address', value: 'at-nowhere', raw: bad[1] }),
      expect.objectContaining({ row: 5, column: 'created_at', reason: 'created_at: "yesterday" is not an integer' }),
      expect.objectContaining({ row: 6, line: 7, column: null, reason: 'expected 8 fields, found 3', raw: bad[3] }),
    ])

    const [ada] = await find('Ada')
    expect(ada).toMatchObject({
      username: 'user-1',
      lastName: 'King',
      email: 'countess@example.com',
      role: 'member',
      status: 'active',
      credits: 0,
      createdAt: '2023-11-14T22:13:20.000Z',
    })
    expect((await find('Amazing'))[0]).toMatchObject({
      username: `user-${UUID.toLowerCase()}`,
      firstName: 'Grace "Amazing"',
    })
    expect(await find('Away')).toEqual([])
    const [gone, merged] = await rows(`external_id IN ('3', '4')`)
    expect((await server.json('GET', '/users/4')).body.id).toBe(merged.id)
    expect((await server.json('GET', `/users/${merged.id}`)).body).toMatchObject({ id: merged.id, lastName: 'In\nto' })
    expect((await server.json('GET', '/users/3')).status).toBe(404)
    expect(gone.deleted_at).toEqual(new Date(1_700_000_000_000))
    expect(merged).toMatchObject({ last_name: 'In\nto', parent_external_id: '1', deleted_at: null, email_hash: null })
    expect(merged.merged_at).toEqual(new Date(1_650_000_000_000))
    // Sealed at rest.
    const plain = await database.query(`SELECT 1 FROM users WHERE external_id IS NOT NULL AND email IS NOT NULL`)
    expect(plain.rowCount).toBe(0)
    expect((await database.query('SELECT 1 FROM user_import_rows')).rowCount).toBe(0)
  })

  it('gives the rejected records back under their header, loads a file once, and updates who comes again', async () => {
    const good = '20,Alan,Turing,alan@example.com,1700000000,-1,-1,-1'
    const { body: job } = await post(csv(good, '21,X,Y,nope,1700000000,-1,-1,-1'))
    const accept = { headers: { accept: 'text/csv' } }
    const file = await (await server.fetch(`/v1/ingestions/${job.id}/rejects`, accept)).text()
    expect(file).toBe(csv('21,X,Y,nope,1700000000,-1,-1,-1'))
    expect((await post(csv(good, '21,X,Y,nope,1700000000,-1,-1,-1'))).body).toMatchObject({
      id: job.id,
      duplicate: true,
    })
    const [before] = await rows(`external_id = '20'`)
    await server.json('PATCH', `/v1/admin/users/${before.id}`, { username: 'turing' })
    expect((await post(csv('20,Alan M.,Turing,alan@example.com,,-1,-1,-1'))).body).toMatchObject({ rowsAccepted: 1 })
    const after = await rows(`external_id = '20'`)
    expect(after).toHaveLength(1)
    expect(after[0]).toMatchObject({
      id: before.id,
      first_name: 'Alan M.',
      username: 'turing',
      created_at: before.created_at,
    })
  })

  it('gives a name that is taken a longer form', async () => {
    await server.json('POST', '/v1/admin/create-user', { username: 'user-30' })
    expect((await post(csv('30,Second,Thirty,,1700000000,-1,-1,-1'))).body.status).toBe('succeeded')
    const [user] = await rows(`external_id = '30'`)
    expect(user.username).toMatch(/^user-30-[0-9a-f]{12}$/)
  })

  it('ends the keys of whom a file deletes', async () => {
    await post(csv('40,Key,Holder,,1700000000,-1,-1,-1'))
    const [user] = await rows(`external_id = '40'`)
    const { apiKey } = (await server.json('POST', `/v1/admin/users/${user.id}/keys`, {})).body
    expect((await server.json('GET', '/v1/me', undefined, apiKey)).body).toMatchObject({ credits: 0 })
    await post(csv('40,Key,Holder,,1700000000,1750000000,-1,-1'))
    expect((await server.json('GET', '/v1/me', undefined, apiKey)).status).toBe(401)
  })

  it('takes a mapping, tabs, gzip and other formats, and no Parquet', async () => {
    const tabs = 'Number\tMail\n50\tfifty@example.com\n'
    const mapping = JSON.stringify({ id: 'Number', email_address: 'Mail', last_name: { value: 'Mapped' } })
    const { body } = await post(gzipSync(tabs), { mapping, fileName: 'users.tsv.gz', format: 'tsv' })
    expect(body).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
    expect(await rows(`external_id = '50'`)).toMatchObject([{ last_name: 'Mapped' }])
    const ndjson = '{"id": 51, "email_address": "x@example.com"}\n{"id": 52, "email_address": "no"}\n'
    const { body: job } = await post(ndjson, { format: 'ndjson' })
    expect(job).toMatchObject({ status: 'succeeded', rowsRead: 2, rowsAccepted: 1, rowsRejected: 1 })
    const { data } = (await server.json('GET', `/v1/ingestions/${job.id}/rejects`)).body
    expect(data).toMatchObject([{ row: 2, line: 2, column: 'email_address', value: 'no' }])
    expect(await post('PAR1', { format: 'parquet' })).toMatchObject({ status: 415 })
  })

  it.each([
    ['header only', `${HEADER}\n`, /no rows/],
    ['only bad rows', csv('1,a,b,nope,1,-1,-1,-1'), /All rows were rejected \(1 of 1\)/],
    ['no column for the id', 'first_name\nAda\n', /no column for id/],
  ])('fails with a clear error: %s', async (_name, body, error) => {
    expect((await post(body)).body).toMatchObject({ status: 'failed', error: expect.stringMatching(error) })
  })

  it('makes no account of a file with one bad record when onError is abort', async () => {
    const { body: job } = await post(csv('60,A,B,,1,-1,-1,-1', '61,A,B,nope,1,-1,-1,-1'), { onError: 'abort' })
    expect(job).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/Record 2 \(line 3\): email_address: "nope" is not an email/),
    })
    expect(await rows(`external_id IN ('60', '61')`)).toEqual([])
    expect((await server.json('GET', `/v1/ingestions/${job.id}/rejects`)).body.pagination.total).toBe(1)
  })

  it('takes the accounts of a job out again, and back in when the file comes again', async () => {
    const [first, second] = [csv('70,A,A,,1,-1,-1,-1', '71,B,B,,1,-1,-1,-1'), csv('71,B,Newer,,1,-1,-1,-1')]
    const { body: older } = await post(first)
    const { body: newer } = await post(second)
    const living = async () =>
      (await rows(`external_id IN ('70', '71') AND deleted_at IS NULL`)).map((row) => row.last_name)
    expect(await living()).toEqual(['A', 'Newer'])
    expect((await server.json('DELETE', `/v1/ingestions/${older.id}`)).body).toMatchObject({ rowsDeleted: 1 })
    expect(await living()).toEqual(['Newer'])
    expect((await server.json('DELETE', `/v1/ingestions/${newer.id}`)).body).toMatchObject({ rowsDeleted: 1 })
    expect((await server.json('DELETE', `/v1/ingestions/${newer.id}`)).body).toMatchObject({ rowsDeleted: 1 })
    expect(await living()).toEqual([])
    expect((await post(first)).body).toMatchObject({ status: 'succeeded', duplicate: false })
    expect(await living()).toEqual(['A', 'B'])
  })

  /** `count` users with known bad ones. */
  const many = (prefix: number, count: number, badEvery: number): string =>
    csv(
      ...Array.from({ length: count }, (_, at) => {
        const email = at % badEvery === 5 ? 'nope' : `u${at}@example.com`
        return `${prefix * 1_000_000 + at},First ${at},Last of ${prefix},${email},1700000000,-1,-1,-1`
      }),
    )
  const living = async (prefix: number): Promise<number> => (await rows(`last_name = $1`, `Last of ${prefix}`)).length

  it('shows nothing of a canceled job', async () => {
    const { body } = await post(many(90, 40_000, 1_000), { wait: 'false' })
    await expect.poll(async () => (await jobOf(body.id)).rowsRead, { interval: 10 }).toBeGreaterThan(0)
    expect((await server.json('POST', `/v1/ingestions/${body.id}/cancel`)).body.status).toBe('canceled')
    await expect.poll(async () => (await database.query('SELECT 1 FROM user_import_rows LIMIT 1')).rowCount).toBe(0)
    expect(await living(90)).toBe(0)
  })

  it('loses nothing and doubles nothing over kill -9 at any moment', async () => {
    const [count, badEvery] = [20_000, 500]
    for (let round = 1; round <= 4; round++) {
      const { body } = await post(many(round, count, badEvery), { wait: 'false' })
      const moment = round === 1 ? 0 : random.next() * count
      let before = await jobOf(body.id)
      for (; before.rowsRead < moment && before.status === 'running'; before = await jobOf(body.id)) await sleep(5)
      await server.kill()
      server = await startServer({ env: { ...urls, ...env }, dataDir, rootKey: server.rootKey })
      console.log(`round ${round}: killed at ${before.status}, ${before.rowsRead} of ${count} rows`)
      const bad = count / badEvery
      const whole = { status: 'succeeded', rowsRead: count, rowsAccepted: count - bad, rowsRejected: bad }
      expect(await ended(body.id)).toMatchObject(whole)
      expect(await living(round)).toBe(count - bad)
      expect((await server.json('GET', `/v1/ingestions/${body.id}/rejects`)).body.pagination.total).toBe(bad)
    }
    const accounts = await database.query(`
      SELECT count(*) FILTER (WHERE a.user_id IS NULL) AS missing FROM users u LEFT JOIN credit_accounts a ON a.user_id = u.id`)
    expect(accounts.rows[0].missing).toBe('0')
  })
})
