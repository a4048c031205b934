import { connect, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/** What a flood needs: the server, and the key of the one caller that it comes from. */
export interface FloodInput {
  kind: FloodKind
  url: string
  key: string
}

/** How often each answer came; `open` are connections that stand, `cut` those that were closed without one. */
export type FloodOutcome = Record<string, number>

const MiB = 1024 * 1024
const CONNECTIONS = 800
const STREAMS = 1_000

interface Flood {
  title: string
  run: (flooder: Flooder) => Promise<void>
}

/** One caller, until it is told to stop. */
class Flooder {
  readonly outcome: FloodOutcome = {}
  isStopped = false
  private readonly sockets: Socket[] = []

  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** Does it again and again, `parallel` at a time. */
  async repeat(parallel: number, work: (turn: number) => Promise<void>): Promise<void> {
    let turn = 0
    const loop = async (): Promise<void> => {
      while (!this.isStopped) await work(turn++)
    }
    await Promise.all(Array.from({ length: parallel }, loop))
  }

  async post(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    const init = { method: 'POST', headers: { ...this.headers(), ...headers }, body }
    const status = await fetch(`${this.url}${path}`, init).then(
      async (response) => {
        await response.arrayBuffer()
        return String(response.status)
      },
      () => 'cut',
    )
    this.note(status)
    // Told to wait; a second is long for a measurement.
    if (status === '429') await new Promise((done) => setTimeout(done, 20))
  }

  /** A connection that says this, and is left open. */
  open(text: string, body?: Buffer): Promise<void> {
    const { hostname, port } = new URL(this.url)
    return new Promise((done) => {
      let answer = ''
      const socket = connect(Number(port), hostname, () => {
        socket.write(text)
        if (body) socket.write(body)
        setTimeout(done, 300)
      })
      socket.on('data', (data) => {
        if (!answer) this.note((answer = String(data).slice(9, 12)))
        done()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        if (!answer) this.note('cut')
        done()
      })
      this.sockets.push(socket)
    })
  }

  stop(): void {
    this.isStopped = true
    const silent = this.sockets.filter((socket) => !socket.destroyed && socket.bytesRead === 0).length
    if (silent > 0) this.outcome.open = silent
    for (const socket of this.sockets) socket.removeAllListeners('close').destroy()
  }

  private note(what: string): void {
    this.outcome[what] = (this.outcome[what] ?? 0) + 1
  }

  private headers(): Record<string, string> {
    return { 'content-type': 'application/json', 'x-api-key': this.key }
  }
}

const requestHead = ({ key }: Flooder, path: string, bytes: number): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`

async function inGroups(total: number, work: () => Promise<void>): Promise<void> {
  for (let index = 0; index < total; index += 100) await Promise.all(Array.from({ length: 100 }, work))
}

/** Each is in no cache. */
const heavyQuery = (turn: number, terms: number): string =>
  JSON.stringify({
    dataset: 'transactions',
    measures: ['unique_users', 'unique_products', 'revenue', 'latest_stock', 'average_price'],
    dimensions: ['transaction_id', 'product_name', 'user_id', 'country'],
    filters: [
      {
        or: Array.from({ length: terms }, (_, index) => ({
          member: 'product_name',
          operator: 'notContains',
          values: Array.from({ length: 10 }, (_unused, place) => `zzz${index}_${place}`),
        })),
      },
    ],
    limit: 10,
    offset: turn,
  })

const everything = {
  dataset: 'transactions',
  select: ['transaction_id', 'user_id', 'country', 'product_name', 'category', 'price', 'quantity', 'total_price'],
}

const largeBatch = JSON.stringify(
  Array.from({ length: 10_000 }, (_, n) => ({
    source: `source ${n % 50}`,
    type: 'flood',
    values: Object.fromEntries(
      Array.from({ length: 40 }, (_unused, key) => [`key${key}`, key % 2 ? n / 8 : `text ${n}`]),
    ),
  })),
)
const manyFields = JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, n) => [`f${n}`, 1])))
const longQuery = JSON.stringify({
  dataset: 'transactions',
  measures: ['revenue'],
  filters: [
    { member: 'country', operator: 'equals', values: Array.from({ length: 60_000 }, (_, n) => `nowhere ${n}`) },
  ],
})

export const FLOODS = {
  'half-bodies': {
    title: 'half bodies, 800 connections',
    run: (flooder) => inGroups(CONNECTIONS, () => flooder.open(`${requestHead(flooder, '/v1/query', 1000)}{"a`)),
  },
  'half-batches': {
    title: 'half event batches of 66 MiB',
    run: (flooder) =>
      flooder.repeat(3, async () => {
        await flooder.open(requestHead(flooder, '/api/ingest/batch', 96 * MiB), Buffer.alloc(66 * MiB, ' '))
        await new Promise((done) => setTimeout(done, 1_000))
      }),
  },
  streams: {
    title: '1,000 live streams',
    run: (flooder) =>
      inGroups(STREAMS, () =>
        flooder.open(`GET /v1/realtime/stream HTTP/1.1\r\nhost: x\r\nx-api-key: ${flooder.key}\r\n\r\n`),
      ),
  },
  'heavy-queries': {
    title: 'heavy queries, 24 at a time',
    run: (flooder) => flooder.repeat(24, (turn) => flooder.post('/v1/query', heavyQuery(turn, 2))),
  },
  'failing-queries': {
    title: 'queries that time out, 24 at a time',
    run: (flooder) => flooder.repeat(24, (turn) => flooder.post('/v1/query', heavyQuery(turn, 90))),
  },
  exports: {
    title: 'exports, 24 at a time',
    run: (flooder) =>
      flooder.repeat(24, () => flooder.post('/v1/query', JSON.stringify(everything), { accept: 'text/csv' })),
  },
  'huge-bodies': {
    title: 'event batches of 10,000 and queries of 1 MB, 8 at a time',
    run: (flooder) =>
      flooder.repeat(8, (turn) =>
        turn % 2 ? flooder.post('/api/ingest/batch', largeBatch) : flooder.post('/v1/query', longQuery),
      ),
  },
  'unknown-keys': {
    title: 'bodies of 90,000 unknown fields, 8 at a time',
    run: (flooder) =>
      flooder.repeat(8, (turn) =>
        flooder.post(['/v1/query', '/v1/session', '/v1/query/dry-run', '/api/ingest/batch'][turn % 4]!, manyFields),
      ),
  },
} satisfies Record<string, Flood>

export type FloodKind = keyof typeof FLOODS

// In a thread of its own, so that the flood does not hold up who measures it.
if (parentPort) {
  const { kind, url, key } = workerData as FloodInput
  const flooder = new Flooder(url, key)
  parentPort.once('message', () => {
    flooder.stop()
    parentPort!.postMessage(flooder.outcome)
  })
  void FLOODS[kind].run(flooder)
}
