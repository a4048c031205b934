import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsParquet } from '../../tools/generator/transactions-parquet.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { countedFile, expectedFigures, loadedFigures, NOTHING_LOADED } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import { S3_KEYS, S3Server } from '../support/s3-server.js'
import type { TestServer } from '../support/server.js'
import { TestSource } from '../support/sources.js'
import { until } from '../support/until.js'

const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64')

let spool: string
let cluster: TestCluster
let server: TestServer
let customer: Customer
let s3: S3Server
let seeds = 9_000

beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), 'sources-spool-'))
  s3 = await S3Server.start('exports', 'other')
  cluster = await startCluster()
  server = await cluster.start({
    SPOOL_DIR: spool,
    SOURCES_ALLOW_PRIVATE: 'true',
    ENCRYPTION_KEY,
    RATE_LIMIT_PER_MINUTE: '100000',
  })
  customer = await Customer.create(server, 100_000)
})
afterAll(async () => {
  await cluster?.stop()
  await s3?.stop()
  rmSync(spool, { recursive: true, force: true })
})

const newFile = (rows = 20) => countedFile({ seed: ++seeds, rows })
const s3Body = (more: Record<string, unknown> = {}) => ({
  type: 's3',
  endpoint: s3.endpoint,
  region: 'us-east-1',
  bucket: 'exports',
  ...S3_KEYS,
  ...more,
})

describe('an s3 source', () => {
  it('loads the objects under its prefix once, in each format, and changed ones again', async () => {
    const [csv, nested, outside, changed] = [newFile(), newFile(), newFile(), newFile()]
    const values = [
      'PQ-1',
      '2024-03-05',
      'u',
      'France',
      '',
      'P1',
      'Lamp',
      'Home',
      '1.50',
      '2',
      '3.00',
      '4',
      '2024-01-01',
    ]
    const parquet = Buffer.concat([...transactionsParquet([{ values, kind: undefined }])])
    await s3.put('exports', 'in/a.csv', csv.text)
    await s3.put('exports', 'in/deep/b c+ä.csv', nested.text)
    await s3.put('exports', 'in/c.parquet', parquet)
    await s3.put('exports', 'in/marker/', '')
    await s3.put('exports', 'out/d.csv', outside.text)
    const source = await TestSource.create(server, s3Body({ prefix: 'in/' }))
    expect(await source.get()).toMatchObject({ forcePathStyle: true, hasSecrets: true, endpoint: s3.endpoint })
    expect(await source.look()).toMatchObject({ lastError: null })
    await source.look()
    const objects = await source.objects()
    expect(Object.keys(objects).sort()).toEqual(['in/a.csv', 'in/c.parquet', 'in/deep/b c+ä.csv'])
    expect(objects['in/a.csv']).toMatchObject({ state: 'succeeded', etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) })
    for (const file of [csv, nested]) expect(await loadedFigures(customer, file)).toEqual(expectedFigures(file))
    expect(await loadedFigures(customer, outside)).toEqual(NOTHING_LOADED)
    await s3.put('exports', 'in/a.csv', changed.text)
    await source.look()
    expect(await source.jobsOf('a.csv')).toHaveLength(2)
    expect(await source.jobsOf('c.parquet')).toHaveLength(1)
    expect(await loadedFigures(customer, changed)).toEqual(expectedFigures(changed))
  })

  it('of more objects than a page has loads each', async () => {
    const bodies = Array.from({ length: 1_005 }, (_, at) => (at < 1_003 ? '' : newFile(3).text))
    for (let at = 0; at < bodies.length; at++)
      await s3.put('other', `many/${String(at).padStart(4, '0')}.csv`, bodies[at]!)
    const source = await TestSource.create(server, s3Body({ bucket: 'other', prefix: 'many/1' }))
    await source.look()
    expect(Object.keys(await source.objects())).toEqual(expect.arrayContaining(['many/1003.csv', 'many/1004.csv']))
    const [{ count }] = await cluster.sql('SELECT count(*)::int FROM source_objects WHERE source_id = $1', [source.id])
    expect(count).toBe(5)
  })

  it.each([
    ['an unknown access key', { accessKeyId: 'AKIAUNKNOWN' }, /does not know the access key; check accessKeyId/],
    ['a wrong secret', { secretAccessKey: 'not-the-secret' }, /refuses the signature; check accessKeyId and secret/],
    ['a bucket that is not there', { bucket: 'nobodys' }, /^The bucket "nobodys" does not exist\.$/],
    ['a server that is not there', { endpoint: 'http://127.0.0.1:9' + '999' }, /^The server refuses connections\.$/],
  ])('says so with %s, and works when that is mended', async (_what, wrong, message) => {
    const source = await TestSource.create(server, s3Body({ prefix: 'out/', name: String(message), ...wrong }))
    const failed = await source.look()
    expect(failed).toMatchObject({ lastError: expect.stringMatching(message), consecutiveFailures: 1 })
    expect(JSON.stringify(failed)).not.toContain('not-the-secret')
    const { endpoint, bucket, accessKeyId, secretAccessKey } = s3Body() as Record<string, string>
    expect((await source.patch({ endpoint, bucket, accessKeyId, secretAccessKey })).body.consecutiveFailures).toBe(0)
    expect(await source.look()).toMatchObject({ lastError: null })
  })

  it('keeps its keys when the key of encryption changes', async () => {
    const source = await TestSource.create(server, s3Body({ prefix: 'out/', name: 'rekeyed' }))
    await server.stop()
    const env = { SPOOL_DIR: spool, SOURCES_ALLOW_PRIVATE: 'true', RATE_LIMIT_PER_MINUTE: '100000' }
    const next = Buffer.alloc(32, 8).toString('base64')
    const restarted = await cluster.start({ ...env, ENCRYPTION_KEY: next, ENCRYPTION_KEY_PREVIOUS: ENCRYPTION_KEY })
    await until(async () => expect(restarted.output()).toMatch(/source secrets were encrypted with the current key/))
    await restarted.stop()
    server = await cluster.start({ ...env, ENCRYPTION_KEY: next })
    customer.moveTo(server)
    const { status } = await server.json('POST', `${source.path}/run`)
    expect(status).toBe(202)
    await until(async () => {
      const { body } = await server.json('GET', source.path)
      expect([body.lastRunAt !== null, body.lastError]).toEqual([true, null])
    })
  })
})
