import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import { Database } from '../database/database.js'
import { identifier } from '../warehouse/identifier.js'
import { Warehouse } from '../warehouse/warehouse.js'
import { findDataset } from './dataset-catalog.js'
import { NextRead } from './next-read.js'

/** Where a dataset stands; a dataset that never got a row has version 0. */
export interface DatasetVersion {
  version: number
  lastIngestionAt: Date | null
}

interface VersionRow {
  dataset: string
  version: string
  last_ingestion_at: Date | null
}

/** All versions as they are for the statement that this expression is part of: VersionsByName as JSON. */
export const VERSIONS_SQL = `(SELECT json_object_agg(dataset, version) FROM dataset_versions)`

/** Null when no dataset ever got a row. */
export type VersionsByName = Record<string, number> | null

const NEVER_FILLED: DatasetVersion = { version: 0, lastIngestionAt: null }

/**
 * The version of each dataset, shared by all instances. Answers are cached under it. It is kept in PostgreSQL, but for
 * those that are append-only: their version is the number of their rows, which the engine knows without reading any.
 */
@Injectable()
export class DatasetVersions {
  private readonly all: NextRead<Map<string, DatasetVersion>>
  private readonly appendOnly = new Map<string, NextRead<DatasetVersion>>()

  constructor(
    private readonly database: Database,
    private readonly warehouse: Warehouse,
  ) {
    this.all = new NextRead(() => this.readAll())
  }

  /** The version as it is now or later: a bump that was committed before the call is in it. */
  async current(dataset: string): Promise<DatasetVersion> {
    const definition = findDataset(dataset)
    if (definition?.appendOnly) return this.readerOf(definition.table).get()
    return (await this.all.get()).get(dataset) ?? NEVER_FILLED
  }

  /**
   * Moves the version within the caller's transaction. The rows must be visible in the warehouse BEFORE that transaction
   * commits: an answer that was read in between is then kept under the old version, which nobody asks for any more.
   */
  async bump(manager: EntityManager, dataset: string): Promise<void> {
    await manager.query(
      `INSERT INTO dataset_versions AS v (dataset, version, last_ingestion_at) VALUES ($1, 1, now())
       ON CONFLICT (dataset) DO UPDATE SET version = v.version + 1, last_ingestion_at = now()`,
      [dataset],
    )
  }

  /** As bump, for a change that brought no new rows: the time of the last ingestion stays. */
  async bumpAfterDeletion(manager: EntityManager, dataset: string): Promise<void> {
    await manager.query('UPDATE dataset_versions SET version = version + 1 WHERE dataset = $1', [dataset])
  }

  private readerOf(table: string): NextRead<DatasetVersion> {
    const known = this.appendOnly.get(table)
    const reader = known ?? new NextRead(() => this.readAppended(table))
    if (!known) this.appendOnly.set(table, reader)
    return reader
  }

  /** Both figures are in the metadata of the table's parts (its partition key is of received_at). */
  private async readAppended(table: string): Promise<DatasetVersion> {
    const [row] = await this.warehouse.query<{ version: string; lastMs: string }>(
      `SELECT count() AS version, toUnixTimestamp64Milli(max(received_at)) AS lastMs FROM ${identifier(table)}`,
    )
    const version = Number(row?.version ?? 0)
    return { version, lastIngestionAt: version > 0 ? new Date(Number(row!.lastMs)) : null }
  }

  private async readAll(): Promise<Map<string, DatasetVersion>> {
    const rows = await this.database.query<VersionRow>(
      'SELECT dataset, version, last_ingestion_at FROM dataset_versions',
      [],
      'dataset-versions',
    )
    return new Map(
      rows.map((row) => [row.dataset, { version: Number(row.version), lastIngestionAt: row.last_ingestion_at }]),
    )
  }
}
