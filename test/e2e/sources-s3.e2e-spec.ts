import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsParquet } from '../../tools/generator/transactions-parquet.js'
import { S3Reader } from '../../src/ingestion/sources/readers/s3-reader.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { countedFile, expectedFigures, loadedFigures, NOTHING_LOADED } from '../support/counted-file.js'
import { Customer } from '../support/customer.js'
import { FileServer } from '../support/file-server.js'
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
  s3 = await S3Server.start('exports')
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

  // s3rver fails at its second page.
  it('is listed page by page, without the marks of folders', async () => {
    const pages = await FileServer.start()
    const objectOf = (key: string): string => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`
    const pageOf = (keys: string[], more: string): string =>
      `<?xml version="1.0"?><ListBucketResult>${keys.map(objectOf).join('')}${more}</ListBucketResult>`
    const first = '<IsTruncated>true</IsTruncated><NextContinuationToken>a/b+c=</NextContinuationToken>'
    const last = '<IsTruncated>false</IsTruncated>'
    pages.responses.set('/other/', (response, { path }) => {
      const isSecond = new URL(path, pages.url('/')).searchParams.get('continuation-token') === 'a/b+c='
      response.writeHead(200, { 'content-type': 'application/xml' })
      response.end(isSecond ? pageOf(['in/c.csv'], last) : pageOf(['in/', 'in/a.csv', 'in/b.csv'], first))
    })
    const rule = { allowPrivate: true, setting: 'SOURCES_ALLOW_PRIVATE' } as const
    const location = { endpoint: pages.url('/'), region: 'x', bucket: 'other', prefix: 'in/', forcePathStyle: true }
    const reader = await S3Reader.create(location, { ...S3_KEYS }, rule, new AbortController().signal)
    const listed: string[][] = []
    for await (const page of reader.list()) listed.push(page.map((object) => object.location))
    reader.close()
    await pages.stop()
    expect(listed).toEqual([['in/a.csv', 'in/b.csv'], ['in/c.csv']])
  })

  it.each([
    ['an unknown access key', { accessKeyId: 'AKIAUNKNOWN' }, /does not know the access key; check accessKeyId/],
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

  // s3rver takes any signature, so these are Amazon's own responses.
  it.each([
    [403, 'SignatureDoesNotMatch', 'The server refuses the signature; check accessKeyId and secretAccessKey.'],
    [
      403,
      'AccessDenied',
      'The access key may not list the bucket; allow it s3:ListBucket, or check accessKeyId and secretAccessKey.',
    ],
    [301, 'PermanentRedirect', 'The bucket is not in the region "us-east-1"; set the one that it is in.'],
    [400, 'AuthorizationHeaderMalformed', 'The server refuses the region "us-east-1"; set the one of the bucket.'],
    [503, 'SlowDown', 'The server responded with 503.'],
  ])('says what a response with %i %s means', async (status, code, sentence) => {
    const files = await FileServer.start()
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>internal 10.1.2.3 secret</Message></Error>`
    files.responses.set('/exports/', (response) =>
      response.writeHead(status, { 'content-type': 'application/xml' }).end(body),
    )
    files.responses.set('/exports', files.responses.get('/exports/')!)
    const source = await TestSource.create(server, s3Body({ endpoint: files.url('/'), name: code }))
    expect((await source.look()).lastError).toBe(sentence)
    await files.stop()
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
