import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import { Database } from '../database/database.js'
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

/** The version of each dataset in PostgreSQL, shared by all instances. Answers are cached under it. */
@Injectable()
export class DatasetVersions {
  private readonly all: NextRead<Map<string, DatasetVersion>>

  constructor(private readonly database: Database) {
    this.all = new NextRead(() => this.readAll())
  }

  /** The version as it is now or later: a bump that was committed before the call is in it. */
  async current(dataset: string): Promise<DatasetVersion> {
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
