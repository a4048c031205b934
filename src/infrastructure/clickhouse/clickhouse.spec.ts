import { SettingsMap } from '@clickhouse/client'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Config } from '../../config/config.js'
import { ClickHouse } from './clickhouse.js'

interface Asked {
  url: URL
  headers: IncomingHttpHeaders
  sql: string
}

let engine: Server
let asked: Asked[]

beforeEach(async () => {
  asked = []
  engine = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
    const { url, headers } = request
    void text(request).then((sql) => {
      asked.push({ url: new URL(url!, 'http://engine'), headers, sql })
      response.end('1,2')
    })
  }).listen(0, '127.0.0.1')
  await once(engine, 'listening')
})
afterEach(() => engine.close())

const urlOf = (credentials: string, rest: string): string =>
  `http://${credentials}127.0.0.1:${(engine.address() as AddressInfo).port}${rest}`

/** What ClickHouse gets for a statement whose answer is waited for, which the client sends, and for one that is streamed. */
async function askBothWays(config: Partial<Config>): Promise<[Asked, Asked]> {
  const clickhouse = new ClickHouse(Object.assign(new Config(), config))
  const options = {
    params: {
      id: 7,
      p0: `a'b\\c\td\ne\r&=%ü😀`,
      p1: Array.from({ length: 400 }, (_unused, n) => `${'text'.repeat(30)}'${n}`),
    },
    settings: {
      readonly: '1' as const,
      optimize_read_in_order: true as never,
      max_execution_time: 5,
      additional_table_filters: SettingsMap.from({ 'a.b': `c = \\'d\\'` }),
    },
    queryId: 'the-id',
  }
  const sql = `SELECT {p0:String}, 'ü😀\n'`
  const { data } = await clickhouse.queryBytes(sql, 'CSV', options)
  const streamed = await buffer(await clickhouse.stream(sql, 'CSV', options))
  expect([data.toString(), streamed.toString()]).toEqual(['1,2', '1,2'])
  await clickhouse.onApplicationShutdown()
  return asked as [Asked, Asked]
}

const sorted = ({ searchParams }: URL): string[][] => [...searchParams].sort(([one], [two]) => (one < two ? -1 : 1))

describe('ClickHouse', () => {
  it.each([
    ['a user of the settings', '', '', { clickhouseUser: 'ü:😀', clickhousePassword: `"\n':` }],
    ['a user of the URL', 'us%40er:p%3A%C3%BC%20@', '', {}],
    ['no user', '', '/', {}],
    ['a cluster and a database of the URL', '', '/other?ch_max_threads=3', { clickhouseCluster: 'all' }],
    ['a proxy', '', '?pathname=/behind/a/proxy&http_header_x-key=one', {}],
  ])('asks for streamed results as it asks for others: %s', async (_what, credentials, rest, config) => {
    const [waited, streamed] = await askBothWays({ clickhouseUrl: urlOf(credentials, rest), ...config })
    expect(waited.url.searchParams.get('wait_end_of_query')).toBe('1')
    waited.url.searchParams.delete('wait_end_of_query')
    // Of what waits in memory for the end of its statement.
    waited.url.searchParams.delete('http_response_buffer_size')
    expect(sorted(streamed.url)).toEqual(sorted(waited.url))
    expect(streamed.url.pathname).toBe(waited.url.pathname)
    expect(streamed.sql).toBe(waited.sql)
    for (const name of ['authorization', 'host', 'x-key']) expect(streamed.headers[name]).toBe(waited.headers[name])
  })
})
