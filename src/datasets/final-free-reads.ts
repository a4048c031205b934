import { Injectable } from '@nestjs/common'
import { SettingsMap, type ClickHouseSettings } from '@clickhouse/client'
import { Config } from '../config/config.js'
import { identifier } from '../warehouse/identifier.js'
import { Warehouse } from '../warehouse/warehouse.js'
import { WarehouseError } from '../warehouse/warehouse.errors.js'
import { TABLE_ALIAS, type DatasetDefinition } from './dataset-definition.js'
import type { TableProof } from './table-proof.js'
import { escaped, hasStampSql, STAMP_HAS_CHANGED } from './table-stamp.js'

/** How a statement reads a dataset's table: with FINAL, or as the rows lie there (`isPlain`). */
export interface TableReading {
  isPlain: boolean
  /** after a plain read that is not believed */
  isSecond: boolean
  /** of the statement, beside its own */
  settings: ClickHouseSettings
}

/** One partition, so rows of one key cannot lie in two; a merged part is then read without merging again. */
const FINAL_SETTINGS: ClickHouseSettings = { do_not_merge_across_partitions_select_final: 1 }

/**
 * Reads tables without FINAL, which costs several times as much, where that is proven to give the same rows.
 *
 * The proof holds for a stamp of the table. A plain read carries the condition that the table still has that stamp when
 * the statement has taken its snapshot: so nothing that was written meanwhile can be in the answer. A read that fails for
 * that is asked again with FINAL.
 */
@Injectable()
export class TableReads {
  readonly isEnabled: boolean
  private readonly finalSettings: ClickHouseSettings
  private readonly proofs = new Map<string, TableProof>()

  constructor(
    private readonly warehouse: Warehouse,
    config: Config,
  ) {
    // On a cluster a stamp would have to be taken on every shard, at one moment.
    this.isEnabled = config.queryAccelerators && !config.clickhouseCluster
    this.finalSettings = config.queryAccelerators ? FINAL_SETTINGS : { ...FINAL_SETTINGS, use_skip_indexes: 0 }
  }

  async read<T>(dataset: DatasetDefinition, run: (reading: TableReading) => Promise<T>): Promise<T> {
    const proof = this.proofs.get(dataset.name)
    if (!proof) return run({ isPlain: false, isSecond: false, settings: this.finalSettings })
    try {
      return await run({ isPlain: true, isSecond: false, settings: this.plainSettings(dataset, proof) })
    } catch (error) {
      if (!(error instanceof WarehouseError) || error.engineCode !== STAMP_HAS_CHANGED) throw error
      if (this.isProven(dataset, proof.stamp)) this.proofs.delete(dataset.name)
      return run({ isPlain: false, isSecond: true, settings: this.finalSettings })
    }
  }

  isProven({ name }: DatasetDefinition, stamp: string): boolean {
    return this.proofs.get(name)?.stamp === stamp
  }

  believe({ name }: DatasetDefinition, proof: TableProof): void {
    this.proofs.set(name, proof)
  }

  private plainSettings(dataset: DatasetDefinition, { stamp, hasDeleted }: TableProof): ClickHouseSettings {
    const { database } = this.warehouse
    const hasStamp = hasStampSql(database, dataset, stamp)
    const filter = hasDeleted ? `_deleted = 0 AND ${hasStamp}` : hasStamp
    return { additional_table_filters: SettingsMap.from({ [`${database}.${dataset.table}`]: escaped(filter) }) }
  }
}

/** `FROM` of a statement over the dataset's table under its alias. */
export function fromTable({ table, appendOnly }: DatasetDefinition, isPlain: boolean): string {
  return `FROM ${identifier(table)} AS ${TABLE_ALIAS}${isPlain || appendOnly ? '' : ' FINAL'}`
}
