import { Injectable } from '@nestjs/common'
import type { ClickHouseSettings } from '@clickhouse/client'
import {
  identityOf,
  ROW_ID,
  sortingOf,
  type ColumnDefinition,
  type DatasetDefinition,
} from '../../datasets/dataset-definition.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import type { StatementSummary } from '../../infrastructure/clickhouse/statement.types.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import {
  ClickHouseStatementError,
  ClickHouseUnavailableError,
} from '../../infrastructure/clickhouse/clickhouse.errors.js'
import type { ClickHouseInput, RecordChunk } from '../formats/record-source.js'
import type { ChunkResult } from './ingestion-attempts.repository.js'
import { fieldColumn } from '../mapping/internal-names.js'
import type { RowTransform } from '../mapping/row-transform.js'
import { StagedRowsService } from './staged-rows.service.js'
import { INSERT_SETTINGS, PLAN_SETTINGS } from './staging-settings.js'

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
    private readonly stagedRows: StagedRowsService,
  ) {}

  /** Creates the tables; with `from`, the rows of the recorded chunks are taken over from that attempt. */
  async prepare(plan: StagingPlan, from: number, done: ChunkResult[]): Promise<void> {
    const names = this.namesOf(plan)
    const order = { sorting: sortingOf(plan.dataset), identity: identityOf(plan.dataset) }
    const [stored, ...distributed] = this.layout.createLike(names.stagingName, plan.dataset.table, order)
    await this.runAtOnce([stored!, ...this.tablesOf(plan)])
    await this.runAtOnce(distributed)
    if (from > 0) await this.carryOver(plan, from, done)
    const settings = `ALTER TABLE ${this.layout.stored(names.stagingName)} MODIFY SETTING ${MERGE_LIMIT} = 1`
    const isMerged = done.some(({ chunk }) => chunk >= MERGE_FROM_CHUNK)
    await this.runAtOnce([...(isMerged ? [] : [settings]), ...this.viewsOf(plan)], PLAN_SETTINGS)
  }

  /** Those that its rows pass on the way to staging. */
  private tablesOf(plan: StagingPlan): string[] {
    const names = this.namesOf(plan)
    const kept = keptFields(plan)
    const { onCluster } = this.layout
    const declarations = plan.input.columns?.declarations ?? fieldNames(plan).map((name) => `${name} String`)
    return [
      // The row at which a chunk begins comes with its insert as `log_comment`: a setting that any server takes as it is, and
      // that belongs to the one statement.
      `CREATE TABLE ${names.raw}${onCluster} (${declarations.join(', ')},
       _row UInt64 DEFAULT toUInt64OrZero(getSetting('log_comment')) + rowNumberInAllBlocks()) ENGINE = Null`,
      `CREATE TABLE ${names.typed}${onCluster} ENGINE = Null AS
       SELECT *, toUInt64(0) AS _row, toUInt16(0) AS _code, toUInt64(0) AS _ambiguous${kept.none} FROM ${this.layout.name(plan.dataset.table)} WHERE 0`,
      this.layout.createOnEachNode(names.rejectedName, `_row UInt64, _code UInt16${kept.column}`, '_row'),
    ]
  }

  private viewsOf(plan: StagingPlan): string[] {
    const names = this.namesOf(plan)
    const kept = keptFields(plan)
    const { onCluster } = this.layout
    const number = `toUInt64(${versionOf(plan.jobNumber, 0)}) + _row`
    const version =
      plan.dataset.key.length > 0 ? `${number} AS _version` : `${number} AS _version, _version AS ${ROW_ID}`
    const views = [
      `CREATE MATERIALIZED VIEW ${names.typedView}${onCluster} TO ${names.typed} AS
       ${plan.transform.select}, ${version}, toUInt8(0) AS _deleted, _row${kept.value} FROM ${plan.transform.from(names.raw)}`,
      `CREATE MATERIALIZED VIEW ${names.acceptedView}${onCluster} TO ${names.staging} AS
       SELECT * EXCEPT (_row, _code, _ambiguous${kept.name}) FROM ${names.typed} WHERE _code = 0`,
      `CREATE MATERIALIZED VIEW ${names.rejectedView}${onCluster} TO ${names.rejected} AS
       SELECT _row, _code${kept.name} FROM ${names.typed} WHERE _code != 0`,
    ]
    if (plan.transform.ambiguousColumns.length === 0) return views
    return [
      ...views,
      `CREATE MATERIALIZED VIEW ${names.ambiguousView}${onCluster} TO ${names.rejected} AS
       SELECT _row, _code${kept.name} FROM ${names.typed} WHERE _code = 0 AND _ambiguous != 0 LIMIT 1 BY _ambiguous`,
    ]
  }

  /**
   * Attaching clones whole parts in no time; what came from chunks that were not recorded is taken out again. On a cluster
   * the rows are copied instead: parts may lie on other replicas, and taking out waits for the dead.
   */
  private async carryOver(plan: StagingPlan, from: number, done: ChunkResult[]): Promise<void> {
    const names = this.namesOf(plan)
    const old = this.namesOf({ ...plan, attempt: from })
    const isRecorded = recordedRows(plan, done)
    if (this.layout.isCluster) {
      return this.run(`INSERT INTO ${names.staging} SELECT * FROM ${old.staging} WHERE ${isRecorded}`)
    }
    await this.run(`ALTER TABLE ${names.staging} ATTACH PARTITION tuple() FROM ${old.staging}`)
    await this.run(`ALTER TABLE ${names.staging} DELETE WHERE NOT (${isRecorded})`, { mutations_sync: '2' })
  }

  /**
   * Stored when it resolves, as ClickHouse.insert has it. Throws when ClickHouse did not read as many records as the chunk
   * has, and BrokenFileError when ClickHouse finds that the chunk's bytes are broken.
   */
  async load(plan: StagingPlan, chunk: RecordChunk, signal: AbortSignal): Promise<void> {
    if (chunk.index === MERGE_FROM_CHUNK) {
      await this.run(`ALTER TABLE ${this.layout.stored(this.namesOf(plan).stagingName)} RESET SETTING ${MERGE_LIMIT}`)
    }
    const { writtenRows } = await this.insert(plan, chunk, signal)
    // ClickHouse counts a row in each table that it passes: raw, typed, and staging or rejected. On a cluster staging is
    // Distributed, and a row that stays on this node is counted once more.
    const examples = writtenRows > 3 * chunk.rows ? await this.countExamples(plan, chunk) : 0
    const least = 3 * chunk.rows + examples
    const most = this.layout.isCluster ? 4 * chunk.rows + examples : least
    if (writtenRows < least || writtenRows > most) {
      const error = new Error(`chunk ${chunk.index} has ${chunk.rows} records, but ClickHouse wrote ${writtenRows} / 3`)
      // A node that has just come back may not have all views yet.
      throw this.layout.isCluster ? new ClickHouseUnavailableError(error) : error
    }
  }

  /** Rows that are in `rejected` besides being in staging. */
  private async countExamples(plan: StagingPlan, { firstRow, rows }: RecordChunk): Promise<number> {
    const [found] = await this.clickhouse.query<{ examples: string }>(
      `SELECT count() AS examples FROM ${this.rejectedOf(plan)} WHERE _code = 0 AND _row BETWEEN {first:UInt64} AND {last:UInt64}`,
      { params: { first: firstRow, last: firstRow + rows - 1 }, settings: this.layout.everyNodeSettings },
    )
    return Number(found!.examples)
  }

  private async insert(plan: StagingPlan, chunk: RecordChunk, signal: AbortSignal): Promise<StatementSummary> {
    const { format, settings, columns } = plan.input
    const fields = columns?.names ?? fieldNames(plan)
    try {
      return await this.clickhouse.insert(this.namesOf(plan).rawName, fields, format, chunk.bytes, {
        signal,
        settings: { ...INSERT_SETTINGS, ...settings, log_comment: String(chunk.firstRow) },
      })
    } catch (error) {
      if (!(error instanceof ClickHouseStatementError)) throw error
      throw plan.input.fileFault?.(error, chunk) || error
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
      `SELECT _row AS row, _code AS code${plan.input.keepsFields ? ', _fields AS fields' : ''} FROM ${this.rejectedOf(plan)}
       WHERE _row BETWEEN {first:UInt64} AND {last:UInt64} ORDER BY _row LIMIT 1 BY _row LIMIT {limit:UInt32}`,
      { params: { first, last, limit: BAD_ROWS_AT_ONCE }, settings: this.layout.everyNodeSettings },
    )
    return rows.map(({ row, ...rest }) => ({ ...rest, row: Number(row) }))
  }

  /** Those of the columns that have no value in any staged row. A column that has one is read no further than to it. */
  async findEmpty(plan: StagingPlan, columns: ColumnDefinition[]): Promise<ColumnDefinition[]> {
    const hasValue = ({ member, type }: ColumnDefinition): string =>
      type === 'text' ? `${identifier(member)} != ''` : `isNotNull(${identifier(member)})`
    const found = await this.findAny(plan, columns.map(hasValue))
    return columns.filter((_column, at) => !found[at])
  }

  /** Whether there is a staged row of which the condition holds, for each of them. Rows are read no further than to it. */
  async findAny(plan: StagingPlan, conditions: string[]): Promise<boolean[]> {
    if (conditions.length === 0) return []
    const { staging } = this.namesOf(plan)
    const counts = conditions.map(
      (condition) => `(SELECT count() FROM (SELECT 1 FROM ${staging} WHERE ${condition} LIMIT 1))`,
    )
    const [row] = await this.clickhouse.query<{ found: string[] }>(`SELECT [${counts.join(', ')}] AS found`)
    return row!.found.map((count) => Number(count) > 0)
  }

  /** Whether all rows that the attempt staged are safe; false when a node died that alone had some. */
  areSafe({ jobNumber, attempt }: { jobNumber: number; attempt: number }, rows: number): Promise<boolean> {
    return this.stagedRows.areReplicated(this.namesOf({ jobNumber, attempt }).stagingName, rows)
  }

  /** Makes the staged rows visible, all at once on each node. `isRepeated`: an earlier try may have got through. */
  async publish(
    dataset: DatasetDefinition,
    { jobNumber, attempt, rows }: { jobNumber: number; attempt: number; rows: number },
    isRepeated: boolean,
  ): Promise<void> {
    const versions = { first: versionOf(jobNumber, 0), last: versionOf(jobNumber + 1, 0) - 1n }
    const staging = tableName('staging', { jobNumber, attempt })
    await this.stagedRows.publish({ dataset, staging, versions, rows }, isRepeated)
  }

  /** Drops the tables of all attempts up to `attempt`. */
  async drop(jobNumber: number, attempt: number): Promise<void> {
    const { dropSettings } = this.layout
    for (let number = 1; number <= attempt; number++) {
      const nameOf = (kind: string): string => tableName(kind, { jobNumber, attempt: number })
      const dropped = (kind: string): string => this.layout.dropOne(nameOf(kind))
      const tables = [...['raw', 'typed', 'rejected'].map(dropped), ...this.layout.drop(nameOf('staging'))]
      await this.runAtOnce(['typed_mv', 'accepted_mv', 'rejected_mv', 'ambiguous_mv'].map(dropped), dropSettings)
      await this.runAtOnce(tables, dropSettings)
    }
  }

  /** The rows that ClickHouse noticed, on whichever node. */
  private rejectedOf(plan: StagingPlan): string {
    return this.layout.onEveryNode(this.namesOf(plan).rejectedName, { isReplicated: false })
  }

  private namesOf(attempt: { jobNumber: number; attempt: number }) {
    const quoted = (kind: string): string => this.layout.name(tableName(kind, attempt))
    return {
      rawName: tableName('raw', attempt),
      stagingName: tableName('staging', attempt),
      rejectedName: tableName('rejected', attempt),
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

  /** On a cluster each is a wait for all nodes. All have ended when it resolves or throws. */
  private async runAtOnce(statements: string[], settings?: ClickHouseSettings): Promise<void> {
    const ended = await Promise.allSettled(statements.map((statement) => this.run(statement, settings)))
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  private async run(sql: string, settings?: ClickHouseSettings): Promise<void> {
    await this.clickhouse.command(sql, { settings })
  }
}

/** A condition for the rows of the chunks that were recorded. */
function recordedRows({ jobNumber }: StagingPlan, done: ChunkResult[]): string {
  const ranges = done
    .filter(({ rowsRead }) => rowsRead > 0)
    .map(({ firstRow, rowsRead }) => {
      const first = versionOf(jobNumber, firstRow)
      return `_version BETWEEN ${first} AND ${first + BigInt(rowsRead) - 1n}`
    })
  return ranges.join(' OR ') || '0'
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

function tableName(kind: string, { jobNumber, attempt }: { jobNumber: number; attempt: number }): string {
  return `ingestion_${kind}_${jobNumber}_${attempt}`
}
