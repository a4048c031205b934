import type { ColumnDefinition, DatasetDefinition } from '../../src/datasets/dataset-definition.js'
import type { FileOptions } from '../../src/datasets/file-options.js'
import { fieldColumn } from '../../src/ingestion/mapping/internal-names.js'
import type { Mapping } from '../../src/ingestion/mapping/mapping.js'
import { compileRowTransform } from '../../src/ingestion/mapping/row-transform.js'
import { resolveMapping } from '../../src/ingestion/mapping/source-header.js'
import { ParquetEngine } from './parquet-engine.js'

/** What became of a text: the value as the engine prints it (null: not set), or why it was refused. */
export type Outcome = { value: string | null } | { reason: string }

/** Runs the rules of declared columns over texts in the embedded engine, as the views of a load do. */
export class ColumnEngine {
  private constructor(private readonly engine: ParquetEngine) {}

  static async start(): Promise<ColumnEngine> {
    return new ColumnEngine(await ParquetEngine.start())
  }

  stop(): Promise<void> {
    return this.engine.stop()
  }

  /** Of a file with this one column. */
  async outcomes(column: ColumnDefinition, texts: string[], options: FileOptions = {}, mapping: Mapping = {}) {
    const rows = await this.rows(
      [column],
      texts.map((text) => [text]),
      options,
      mapping,
    )
    return rows.map(({ values, reason }): Outcome => (reason === undefined ? { value: values[0]! } : { reason }))
  }

  async rows(columns: ColumnDefinition[], records: string[][], options: FileOptions = {}, mapping: Mapping = {}) {
    const dataset: DatasetDefinition = {
      ...{ name: 'declared', title: '', description: '', table: 'declared', key: [], measures: [], columns },
    }
    const sources = resolveMapping(
      dataset,
      mapping,
      columns.map(({ column, source = column }) => source),
    )
    const transform = compileRowTransform(dataset, mapping, sources, options)
    const fields = columns.map((_column, field) => fieldColumn(field))
    const typed = columns.map(
      ({ member, storage, nullable }) => `\`${member}\` ${nullable ? `Nullable(${storage})` : storage}`,
    )
    for (const sql of [
      'DROP TABLE IF EXISTS columns_mv',
      'DROP TABLE IF EXISTS columns_raw',
      'DROP TABLE IF EXISTS columns_typed',
      `CREATE TABLE columns_raw (${fields.map((field) => `${field} String`).join(', ')}, _row UInt64) ENGINE = Null`,
      `CREATE TABLE columns_typed (${typed.join(', ')}, _code UInt16, _ambiguous UInt64, _row UInt64) ENGINE = Memory`,
      `CREATE MATERIALIZED VIEW columns_mv TO columns_typed AS ${transform.select}, _row FROM ${transform.from('columns_raw')}`,
    ])
      await this.engine.client.command({ query: sql })
    await this.engine.client.insert({
      table: 'columns_raw',
      format: 'JSONCompactEachRow',
      values: records.map((record, row) => [...record, row]),
    })
    const shown = columns.map(({ member }) => `toString(\`${member}\`)`)
    const result = await this.engine.client.query({
      query: `SELECT [${shown.map((value) => `ifNull(${value}, '\\0')`).join(', ')}] AS shown, _code AS code FROM columns_typed ORDER BY _row`,
      format: 'JSONEachRow',
    })
    const rows = await result.json<{ shown: string[]; code: number }>()
    return rows.map(({ shown: values, code }) => ({
      values: values.map((value) => (value === '\0' ? null : value)),
      reason: code === 0 ? undefined : transform.reasons[code - 1]!.message,
    }))
  }
}
