import { Injectable } from '@nestjs/common'
import type { ClickHouseSettings } from '@clickhouse/client'
import { keyOf, type ColumnDefinition, type DatasetDefinition } from '../../datasets/dataset-definition.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { shardingKeyOf, TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import type { StatementSummary } from '../../infrastructure/clickhouse/statement.types.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import type { ClickHouseInput, RecordChunk } from '../formats/record-source.js'
import type { ChunkResult } from './ingestion-attempts.repository.js'
import { fieldColumn } from '../mapping/row-check.js'
import type { RowTransform } from '../mapping/row-transform.js'

/** Bits of a row's version that count the records of its job. */
const ROW_BITS = 40n
/** a chunk may be bad from its first row to its last */
const BAD_ROWS_AT_ONCE = 10_000

/**
 * Up to here (3 GB of 16 MiB chunks, far below the limit on parts of a table) a job's parts are not merged: once
 * published they are merged anyway, with the rest of the dataset.
 */
const MERGE_FROM_CHUNK = 200
const MERGE_LIMIT = 'max_bytes_to_merge_at_max_space_in_pool'

/** What the staging tables of one attempt at one job need to know. */
export interface StagingPlan {
  dataset: DatasetDefinition
  jobNumber: number
  attempt: number
  /** how ClickHouse reads the file */
  input: ClickHouseInput
  /** fields of a record of the file */
  fields: number
  transform: RowTransform
}

/** A record that was refused, or one (of code 0) that was accepted but is ambiguous. */
export interface NoticedRow {
  row: number
  code: number
  /** texts of the record's fields, of formats that only ClickHouse can read */
  fields?: string[]
}

const INSERT_SETTINGS: ClickHouseSettings = {
  input_format_null_as_default: 0,
  input_format_allow_errors_num: '0',
  async_insert: 0,
  // Chunks in flight keep the cores busy; cutting each of them up again costs a tenth of the insert.
  input_format_parallel_parsing: 0,
  // Rows with one key inside a chunk are told apart when they are read, as those of different chunks are: a fifth less
  // work for the insert.
  optimize_on_insert: 0,
}

/**
 * The tables that a job's rows go through. Each attempt has its own set, so that a statement of a dead worker that is
 * still running in ClickHouse cannot write into the set of the one that took over.
 *
 * raw (Null: text fields) -> typed (Null: typed columns and a code, computed once) -> staging (code 0) and rejected (others,
 * and of each block one example of the rows of code 0 whose values may mean something else)
 *
 * A chunk's bytes are inserted into `raw` as they are; materialized views do the rest inside the same insert.
 */
@Injectable()
export class StagingService {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
  ) {}

  /** Creates the tables; with `from`, the rows of the recorded chunks are taken over from that attempt. */
  async prepare(plan: StagingPlan, from: number, done: ChunkResult[]): Promise<void> {
    const names = namesOf(plan)
    const { onCluster } = this.layout
    const shardingKey = shardingKeyOf(keyOf(plan.dataset).member)
    await this.runAll(this.layout.createLike(names.stagingName, plan.dataset.table, shardingKey))
    if (from > 0) await this.carryOver(plan, from, done)
    if (!done.some(({ chunk }) => chunk >= MERGE_FROM_CHUNK)) {
      await this.run(`ALTER TABLE ${this.layout.stored(names.stagingName)} MODIFY SETTING ${MERGE_LIMIT} = 1`)
    }
    const declarations = plan.input.columns?.declarations ?? fieldNames(plan).map((name) => `${name} String`)
    // The row at which a chunk begins comes with its insert as `log_comment`: a setting that any server takes as it is, and that
    // belongs to the one statement.
    await this.run(
      `CREATE TABLE ${names.raw}${onCluster} (${declarations.join(', ')},
       _row UInt64 DEFAULT toUInt64OrZero(getSetting('log_comment')) + rowNumberInAllBlocks()) ENGINE = Null`,
    )
    const kept = keptFields(plan)
    await this.run(
      `CREATE TABLE ${names.typed}${onCluster} ENGINE = Null AS
       SELECT *, toUInt64(0) AS _row, toUInt16(0) AS _code, toUInt64(0) AS _ambiguous${kept.none} FROM ${identifier(plan.dataset.table)} WHERE 0`,
    )
    await this.runAll(
      this.layout.createMergeTree(names.rejectedName, `_row UInt64, _code UInt16${kept.column}`, '_row'),
    )
    await this.createViews(plan)
  }

  private async createViews(plan: StagingPlan): Promise<void> {
    const names = namesOf(plan)
    const kept = keptFields(plan)
    const { onCluster } = this.layout
    const version = `toUInt64(${versionOf(plan.jobNumber, 0)}) + _row AS _version`
    await this.run(
      `CREATE MATERIALIZED VIEW ${names.typedView}${onCluster} TO ${names.typed} AS
       ${plan.transform.select}, ${version}, toUInt8(0) AS _deleted, _row${kept.value} FROM ${names.raw}`,
    )
    await this.run(
      `CREATE MATERIALIZED VIEW ${names.acceptedView}${onCluster} TO ${names.staging} AS
       SELECT * EXCEPT (_row, _code, _ambiguous${kept.name}) FROM ${names.typed} WHERE _code = 0`,
    )
    await this.run(
      `CREATE MATERIALIZED VIEW ${names.rejectedView}${onCluster} TO ${names.rejected} AS
       SELECT _row, _code${kept.name} FROM ${names.typed} WHERE _code != 0`,
    )
    if (plan.transform.ambiguousColumns.length === 0) return
    await this.run(
      `CREATE MATERIALIZED VIEW ${names.ambiguousView}${onCluster} TO ${names.rejected} AS
       SELECT _row, _code${kept.name} FROM ${names.typed} WHERE _code = 0 AND _ambiguous != 0 LIMIT 1 BY _ambiguous`,
    )
  }

  /** Attaching clones whole parts in no time; what came from chunks that were not recorded is taken out again. */
  private async carryOver(plan: StagingPlan, from: number, done: ChunkResult[]): Promise<void> {
    const names = namesOf(plan)
    const old = namesOf({ ...plan, attempt: from })
    const staging = this.layout.stored(names.stagingName)
    await this.run(`ALTER TABLE ${staging} ATTACH PARTITION tuple() FROM ${this.layout.storedName(old.stagingName)}`)
    const ranges = done
      .filter(({ rowsRead }) => rowsRead > 0)
      .map(({ firstRow, rowsRead }) => {
        const first = versionOf(plan.jobNumber, firstRow)
        return `_version BETWEEN ${first} AND ${first + BigInt(rowsRead) - 1n}`
      })
    await this.run(`ALTER TABLE ${staging} DELETE WHERE NOT (${ranges.join(' OR ') || '0'})`, {
      mutations_sync: '2',
    })
  }

  /**
   * Stored when it resolves, as ClickHouse.insert has it. Throws when ClickHouse did not read as many records as the chunk
   * has, and BrokenFileError when ClickHouse finds that the chunk's bytes are broken.
   */
  async load(plan: StagingPlan, chunk: RecordChunk, signal: AbortSignal): Promise<void> {
    if (chunk.index === MERGE_FROM_CHUNK) {
      await this.run(`ALTER TABLE ${this.layout.stored(namesOf(plan).stagingName)} RESET SETTING ${MERGE_LIMIT}`)
    }
    const { writtenRows } = await this.insert(plan, chunk, signal)
    // ClickHouse counts a row in each table that it passes: raw, typed, and staging or rejected. On a cluster these two are
    // Distributed, and a row that stays on this node is counted once more.
    const examples = writtenRows > 3 * chunk.rows ? await this.countExamples(plan, chunk) : 0
    const least = 3 * chunk.rows + examples
    const most = this.layout.isCluster ? 4 * chunk.rows + 2 * examples : least
    if (writtenRows < least || writtenRows > most) {
      throw new Error(`chunk ${chunk.index} has ${chunk.rows} records, but ClickHouse wrote ${writtenRows} / 3`)
    }
  }

  /** Rows that are in `rejected` besides being in staging. */
  private async countExamples(plan: StagingPlan, { firstRow, rows }: RecordChunk): Promise<number> {
    const [found] = await this.clickhouse.query<{ examples: string }>(
      `SELECT count() AS examples FROM ${namesOf(plan).rejected} WHERE _code = 0 AND _row BETWEEN {first:UInt64} AND {last:UInt64}`,
      { params: { first: firstRow, last: firstRow + rows - 1 } },
    )
    return Number(found!.examples)
  }

  private async insert(plan: StagingPlan, chunk: RecordChunk, signal: AbortSignal): Promise<StatementSummary> {
    const { format, settings, columns } = plan.input
    const fields = columns?.names ?? fieldNames(plan)
    try {
      return await this.clickhouse.insert(namesOf(plan).rawName, fields, format, chunk.bytes, {
        signal,
        settings: { ...INSERT_SETTINGS, ...settings, log_comment: String(chunk.firstRow) },
      })
    } catch (error) {
      throw (error instanceof ClickHouseStatementError && plan.input.fileFault?.(error, chunk)) || error
    }
  }

  /** The records of a loaded chunk that the row transform refused or found ambiguous, in file order, a bounded number at a time. */
  async *noticedRows(plan: StagingPlan, { firstRow, rows }: RecordChunk): AsyncGenerator<NoticedRow[]> {
    const last = firstRow + rows - 1
    for (let first = firstRow; first <= last;) {
      const batch = await this.badRowsFrom(plan, first, last)
      if (batch.length > 0) yield batch
      if (batch.length < BAD_ROWS_AT_ONCE) return
      first = batch[batch.length - 1]!.row + 1
    }
  }

  private async badRowsFrom(plan: StagingPlan, first: number, last: number): Promise<NoticedRow[]> {
    const rows = await this.clickhouse.query<{ row: string; code: number; fields?: string[] }>(
      `SELECT _row AS row, _code AS code${plan.input.keepsFields ? ', _fields AS fields' : ''} FROM ${namesOf(plan).rejected}
       WHERE _row BETWEEN {first:UInt64} AND {last:UInt64} ORDER BY _row LIMIT 1 BY _row LIMIT {limit:UInt32}`,
      { params: { first, last, limit: BAD_ROWS_AT_ONCE } },
    )
    return rows.map(({ row, ...rest }) => ({ ...rest, row: Number(row) }))
  }

  /** Those of the columns that have no value in any staged row. A column that has one is read no further than to it. */
  async findEmpty(plan: StagingPlan, columns: ColumnDefinition[]): Promise<ColumnDefinition[]> {
    if (columns.length === 0) return []
    const { staging } = namesOf(plan)
    const found = columns.map(({ member, type }) => {
      const hasValue = type === 'text' ? `${member} != ''` : `isNotNull(${member})`
      return `(SELECT count() FROM (SELECT 1 FROM ${staging} WHERE ${hasValue} LIMIT 1)) AS ${member}`
    })
    const [row] = await this.clickhouse.query<Record<string, string>>(`SELECT ${found.join(', ')}`)
    return columns.filter(({ member }) => Number(row![member]) === 0)
  }

  /**
   * Makes the staged rows visible, all at once on each node. `isRepeated`: an earlier try may have got through; then this
   * one does nothing. On a cluster it may have got through on some nodes only; attaching the same rows twice changes nothing.
   */
  async publish(
    dataset: DatasetDefinition,
    jobNumber: number,
    stagingAttempt: number,
    isRepeated: boolean,
  ): Promise<void> {
    if (isRepeated && !this.layout.isCluster && (await this.isPublished(dataset, jobNumber))) return
    const { stagingName } = namesOf({ jobNumber, attempt: stagingAttempt })
    const [table, staging] = [this.layout.stored(dataset.table), this.layout.storedName(stagingName)]
    await this.run(`ALTER TABLE ${table} ATTACH PARTITION tuple() FROM ${staging}`)
  }

  private async isPublished(dataset: DatasetDefinition, jobNumber: number): Promise<boolean> {
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM ${identifier(dataset.table)}
       WHERE _version BETWEEN ${versionOf(jobNumber, 0)} AND ${versionOf(jobNumber + 1, 0) - 1n} LIMIT 1`,
    )
    return rows.length > 0
  }

  /** Drops the tables of all attempts up to `attempt`. */
  async drop(jobNumber: number, attempt: number): Promise<void> {
    for (let number = 1; number <= attempt; number++) {
      const names = namesOf({ jobNumber, attempt: number })
      const { onCluster } = this.layout
      for (const table of [
        names.typedView,
        names.acceptedView,
        names.rejectedView,
        names.ambiguousView,
        names.raw,
        names.typed,
      ])
        await this.run(`DROP TABLE IF EXISTS ${table}${onCluster}`)
      for (const table of [names.rejectedName, names.stagingName]) await this.runAll(this.layout.drop(table))
    }
  }

  private async runAll(statements: string[]): Promise<void> {
    for (const statement of statements) await this.run(statement)
  }

  private async run(sql: string, settings?: ClickHouseSettings): Promise<void> {
    await this.clickhouse.command(sql, { settings })
  }
}

function fieldNames({ fields }: StagingPlan): string[] {
  return Array.from({ length: fields }, (_, field) => fieldColumn(field))
}

/** SQL that carries the text fields of refused rows along, where only ClickHouse can read them. */
function keptFields(plan: StagingPlan): Record<'name' | 'column' | 'none' | 'value', string> {
  if (!plan.input.keepsFields) return { name: '', column: '', none: '', value: '' }
  return {
    name: ', _fields',
    column: ', _fields Array(String)',
    none: ', emptyArrayString() AS _fields',
    value: `, if(_code = 0 AND _ambiguous = 0, emptyArrayString(), [${fieldNames(plan).join(', ')}]) AS _fields`,
  }
}

/** Versions of a job's rows: its number in the high bits, the record number in the low ones. */
export function versionOf(jobNumber: number, row: number): bigint {
  return (BigInt(jobNumber) << ROW_BITS) + BigInt(row)
}

function namesOf({ jobNumber, attempt }: { jobNumber: number; attempt: number }) {
  const name = (kind: string): string => `ingestion_${kind}_${jobNumber}_${attempt}`
  const quoted = (kind: string): string => identifier(name(kind))
  return {
    rawName: name('raw'),
    stagingName: name('staging'),
    rejectedName: name('rejected'),
    raw: quoted('raw'),
    typed: quoted('typed'),
    staging: quoted('staging'),
    rejected: quoted('rejected'),
    typedView: quoted('typed_mv'),
    acceptedView: quoted('accepted_mv'),
    rejectedView: quoted('rejected_mv'),
    ambiguousView: quoted('ambiguous_mv'),
  }
}
