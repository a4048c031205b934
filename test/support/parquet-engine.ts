import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type * as Embedded from '../../src/infrastructure/embedded/embedded-engines.js'
import { openParquetRecords } from '../../src/ingestion/formats/parquet/parquet-source.js'
import { fieldColumn } from '../../src/ingestion/mapping/internal-names.js'
import { ClickHouseStatementError } from '../../src/infrastructure/clickhouse/clickhouse.errors.js'
import { descendantsOf } from './processes.js'

const CHUNK_BYTES = 16 * 1024 * 1024

/** The embedded engine, and what ingestion's reader of Parquet files makes of a file in it. */
export class ParquetEngine {
  private constructor(
    readonly folder: string,
    private readonly engines: Embedded.EmbeddedEngines,
    readonly client: ClickHouseClient,
  ) {}

  static async start(): Promise<ParquetEngine> {
    const dist = resolve(process.env.COUNTINGHOUSE_DIST ?? 'dist')
    const { startEmbeddedEngines } = (await import(
      pathToFileURL(join(dist, 'src/infrastructure/embedded/embedded-engines.js')).href
    )) as typeof Embedded
    const folder = await mkdtemp(join(tmpdir(), 'countinghouse-test-'))
    const engines = await startEmbeddedEngines({ dataDir: join(folder, 'data'), postgres: false, clickhouse: true })
    return new ParquetEngine(folder, engines, createClient({ url: engines.clickhouseUrl, log: { level: 127 } }))
  }

  async stop(): Promise<void> {
    await this.client.close()
    await this.engines.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** process ids of the engine's child; another one after a crash */
  pids(): number[] {
    return descendantsOf(process.pid)
      .filter(({ command }) => command.includes('clickhouse-child'))
      .map(({ pid }) => pid)
  }

  /** The file that a statement writes. */
  async written(select: string, settings: Record<string, string | number> = {}): Promise<Buffer> {
    const { stream } = await this.client.exec({ query: `${select} FORMAT Parquet`, clickhouse_settings: settings })
    return buffer(stream)
  }

  async texts(bytes: Buffer, chunkBytes = CHUNK_BYTES): Promise<string[][]> {
    const rows = await this.load(bytes, chunkBytes)
    return rows.map((row) => row.map(String))
  }

  /** Loads the file chunk by chunk, as ingestion does, and gives the text of each field in row order, as bytes. */
  async load(bytes: Buffer, chunkBytes = CHUNK_BYTES): Promise<Buffer[][]> {
    const path = join(this.folder, 'file.parquet')
    await writeFile(path, bytes)
    const handle = await open(path)
    try {
      const source = await openParquetRecords(handle, [])
      const { names, declarations } = source.input.columns!
      await this.client.command({
        query: `CREATE OR REPLACE TABLE texts (${declarations.join(', ')},
          _row UInt64 DEFAULT toUInt64OrZero(getSetting('log_comment')) + rowNumberInAllBlocks()) ENGINE = Memory`,
      })
      for await (const chunk of source.chunks({ chunkBytes, used: new Set() })) {
        const insert = this.client.exec({
          query: `INSERT INTO texts (${names.join(', ')}) FORMAT Parquet`,
          values: chunk.bytes as Readable,
          clickhouse_settings: { ...source.input.settings, wait_end_of_query: 1, log_comment: String(chunk.firstRow) },
        })
        const { stream } = await insert.catch((error: Error & { code?: string }) => {
          throw source.input.fileFault!(new ClickHouseStatementError(Number(error.code), error.message), chunk) ?? error
        })
        await buffer(stream)
      }
      return await this.readBack(names.length)
    } finally {
      await handle.close()
    }
  }

  private async readBack(fields: number): Promise<Buffer[][]> {
    const selected = Array.from({ length: fields }, (_, field) => `hex(${fieldColumn(field)})`).join(', ')
    const result = await this.client.query({
      query: `SELECT _row, ${selected} FROM texts ORDER BY _row`,
      format: 'JSONCompactEachRow',
    })
    const rows = await result.json<[string | number, ...string[]]>()
    const numbers = rows.map(([row]) => Number(row))
    const wrong = numbers.findIndex((row, at) => row !== at + 1)
    if (wrong >= 0) throw new Error(`row ${wrong + 1} has the number ${numbers[wrong]}`)
    return rows.map(([, ...texts]) => texts.map((hex) => Buffer.from(hex, 'hex')))
  }
}
