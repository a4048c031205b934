import { Injectable } from '@nestjs/common'
import { SettingsMap, type ClickHouseSettings } from '@clickhouse/client'
import { Config } from '../config/config.js'
import { identifier } from '../warehouse/identifier.js'
import { Warehouse } from '../warehouse/warehouse.js'
import { TABLE_ALIAS, type DatasetDefinition } from './dataset-definition.js'
import { NextRead } from './next-read.js'
import type { TableProof } from './table-proof.js'
import { TableStateRepository } from './table-state.repository.js'

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
 * The proof holds for a stamp of the table. A plain read is believed only if the table still has that stamp when the
 * statement has taken its snapshot: so nothing that was written meanwhile can be in the answer. Otherwise it is thrown
 * away and asked again with FINAL.
 */
@Injectable()
export class TableReads {
  readonly isEnabled: boolean
  private readonly proofs = new Map<string, TableProof>()
  private readonly stamps = new Map<string, NextRead<string>>()

  constructor(
    private readonly state: TableStateRepository,
    private readonly warehouse: Warehouse,
    config: Config,
  ) {
    // On a cluster a stamp would have to be taken on every shard, at one moment.
    this.isEnabled = config.queryAccelerators && !config.clickhouseCluster
  }

  /** `run` resolves once its statement has its snapshot: with the first bytes of the result at the earliest. */
  async read<T>(
    dataset: DatasetDefinition,
    run: (reading: TableReading) => Promise<T>,
    discard: (result: T) => void = () => undefined,
  ): Promise<T> {
    const proof = this.proofs.get(dataset.name)
    if (!proof) return run({ isPlain: false, isSecond: false, settings: FINAL_SETTINGS })
    const result = await run({ isPlain: true, isSecond: false, settings: this.plainSettings(dataset, proof) })
    if (await this.holds(dataset, proof)) return result
    discard(result)
    return run({ isPlain: false, isSecond: true, settings: FINAL_SETTINGS })
  }

  isProven({ name }: DatasetDefinition, stamp: string): boolean {
    return this.proofs.get(name)?.stamp === stamp
  }

  believe({ name }: DatasetDefinition, proof: TableProof): void {
    this.proofs.set(name, proof)
  }

  private async holds(dataset: DatasetDefinition, proof: TableProof): Promise<boolean> {
    const stamp = await this.currentStamp(dataset).catch(() => undefined)
    if (stamp === proof.stamp) return true
    if (this.isProven(dataset, proof.stamp)) this.proofs.delete(dataset.name)
    return false
  }

  /** Statements that end together share a look. */
  private currentStamp(dataset: DatasetDefinition): Promise<string> {
    let stamp = this.stamps.get(dataset.name)
    if (!stamp) this.stamps.set(dataset.name, (stamp = new NextRead(() => this.state.stamp(dataset))))
    return stamp.get()
  }

  private plainSettings({ table }: DatasetDefinition, { hasDeleted }: TableProof): ClickHouseSettings {
    if (!hasDeleted) return {}
    return { additional_table_filters: SettingsMap.from({ [`${this.warehouse.database}.${table}`]: '_deleted = 0' }) }
  }
}

/** `FROM` of a statement over the dataset's table under its alias. */
export function fromTable({ table, appendOnly }: DatasetDefinition, isPlain: boolean): string {
  return `FROM ${identifier(table)} AS ${TABLE_ALIAS}${isPlain || appendOnly ? '' : ' FINAL'}`
}
