import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type * as ClickHouse from '../../src/infrastructure/embedded/clickhouse/clickhouse-server.js'

const DIST = process.env.COUNTINGHOUSE_DIST ?? join(import.meta.dirname, '../../dist')
export const CLUSTER = 'sales'

/**
 * An embedded engine that knows a cluster of one node, itself, and a front before it. The embedded engine has no Keeper: so
 * the front takes `ON CLUSTER` and `Replicated` out of statements. What is left is what each node of a cluster does:
 * tables that hold rows, Distributed ones over them, and everything that goes through the two.
 */
export class OneNodeCluster {
  /** the DDL statements as they came */
  readonly statements: string[] = []

  private constructor(
    readonly url: string,
    readonly engineUrl: string,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<OneNodeCluster> {
    const path = join(DIST, 'src/infrastructure/embedded/clickhouse/clickhouse-server.js')
    const { startClickHouse } = (await import(pathToFileURL(path).href)) as typeof ClickHouse
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
    const engine = await startClickHouse(folder, { cluster: CLUSTER })
    const front = createServer((asked, answer) => void cluster.pass(asked, answer)).listen(0, '127.0.0.1')
    await once(front, 'listening')
    const url = new URL(engine.url)
    url.port = String((front.address() as AddressInfo).port)
    const cluster = new OneNodeCluster(url.href, engine.url, async () => {
      front.close()
      front.closeAllConnections()
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    return cluster
  }

  stop(): Promise<void> {
    return this.close()
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { port, hostname } = new URL(this.engineUrl)
    const body = this.translated(await buffer(asked))
    const headers = { ...asked.headers, host: `${hostname}:${port}` }
    delete headers['transfer-encoding']
    const sending = request(
      { hostname, port, path: asked.url, method: asked.method, headers: { ...headers, 'content-length': body.length } },
      (got) => {
        answer.writeHead(got.statusCode!, got.headers)
        got.pipe(answer)
      },
    )
    sending.on('error', () => answer.destroy())
    sending.end(body)
  }

  /** Only DDL; the bytes of an insert are nobody's to change. */
  private translated(body: Buffer): Buffer {
    const start = body.subarray(0, 20).toString('latin1').trimStart()
    if (!/^(CREATE|ALTER|DROP|OPTIMIZE)\b/.test(start)) return body
    const statement = body.toString()
    this.statements.push(statement)
    return Buffer.from(
      statement
        .replace(/ ON CLUSTER `?\w+`?/g, '')
        .replace(/\bReplicated(\w*MergeTree)\b(\('[^']*', '[^']*'\))?/g, '$1')
        .replace(/\breplicated_deduplication_window\b/, 'non_replicated_deduplication_window'),
    )
  }
}
