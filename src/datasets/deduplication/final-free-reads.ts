import { Injectable } from '@nestjs/common'
import { SettingsMap, type ClickHouseSettings } from '@clickhouse/client'
import { Config } from '../../config/config.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ReplicaGuard } from '../../infrastructure/clickhouse/replica-guard.js'
import { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { TABLE_ALIAS, type DatasetDefinition } from '../dataset-definition.js'
import type { PartsFingerprint } from './parts-fingerprint.js'
import { escaped, hasFingerprintSql, FINGERPRINT_HAS_CHANGED } from './parts-fingerprint-sql.js'

/** How a statement reads a dataset's table: with FINAL, or as the rows lie there (`skipFinal`). */
export interface TableReading {
  skipFinal: boolean
  /** reads before it whose result was not taken */
  attempt: number
  /** of the statement, beside its own */
  settings: ClickHouseSettings
}

/** One partition, so rows of one key cannot lie in two; a merged part is then read without merging again. */
const FINAL_SETTINGS: ClickHouseSettings = { do_not_merge_across_partitions_select_final: 1 }

/**
 * Reads tables without FINAL, which costs several times as much, where that is proven to give the same rows.
 *
 * The proof holds for a fingerprint of the table. A plain read carries the condition that the table still has that fingerprint when
 * the statement has taken its snapshot: so nothing that was written meanwhile can be in the answer. A read that fails for
 * that is asked again with FINAL.
 */
@Injectable()
export class FinalFreeReads {
  readonly isEnabled: boolean
  private readonly finalSettings: ClickHouseSettings
  private readonly proofs = new Map<string, PartsFingerprint>()

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly guard: ReplicaGuard,
    config: Config,
  ) {
    // On a cluster a fingerprint would have to be taken on every shard, at one moment.
    this.isEnabled = config.queryAccelerators && !config.clickhouseCluster
    this.finalSettings = config.queryAccelerators ? FINAL_SETTINGS : { ...FINAL_SETTINGS, use_skip_indexes: 0 }
  }

  async read<T>(dataset: DatasetDefinition, run: (reading: TableReading) => Promise<T>): Promise<T> {
    const proof = this.proofs.get(dataset.table)
    if (!proof) return this.guard.read(dataset.table, (settings, attempt) => run(this.withFinal(attempt, settings)))
    try {
      return await run({ skipFinal: true, attempt: 0, settings: this.plainSettings(dataset, proof) })
    } catch (error) {
      if (!(error instanceof ClickHouseStatementError) || error.clickhouseCode !== FINGERPRINT_HAS_CHANGED) throw error
      if (this.isDeduplicated(dataset, proof.fingerprint)) this.proofs.delete(dataset.table)
      return run(this.withFinal(1))
    }
  }

  isDeduplicated({ table }: DatasetDefinition, fingerprint: string): boolean {
    return this.proofs.get(table)?.fingerprint === fingerprint
  }

  remember({ table }: DatasetDefinition, proof: PartsFingerprint): void {
    this.proofs.set(table, proof)
  }

  private withFinal(attempt: number, settings?: ClickHouseSettings): TableReading {
    return { skipFinal: false, attempt, settings: { ...this.finalSettings, ...settings } }
  }

  private plainSettings(dataset: DatasetDefinition, { fingerprint, hasDeleted }: PartsFingerprint): ClickHouseSettings {
    const { database } = this.clickhouse
    const hasFingerprint = hasFingerprintSql(database, dataset, fingerprint)
    const filter = hasDeleted ? `_deleted = 0 AND ${hasFingerprint}` : hasFingerprint
    return { additional_table_filters: SettingsMap.from({ [`${database}.${dataset.table}`]: escaped(filter) }) }
  }
}

/** `FROM` of a statement over the dataset's table under its alias. */
export function fromTable({ table, appendOnly }: DatasetDefinition, skipFinal: boolean): string {
  return `FROM ${identifier(table)} AS ${TABLE_ALIAS}${skipFinal || appendOnly ? '' : ' FINAL'}`
}
