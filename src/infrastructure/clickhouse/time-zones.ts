import { Injectable, type OnModuleInit } from '@nestjs/common'
import { ClickHouse } from './clickhouse.js'

/** The time zones that a query, a file or a column may name. */
export interface TimeZones {
  names: readonly string[]
  /** its spelling, of a name in any case; undefined when there is none of that name */
  find(name: string): string | undefined
}

/** IANA names only; the runtime would also take offsets such as `+01:00`. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/

/** The zones that this process knows, in which today is looked up. */
export const NODE_TIME_ZONES: TimeZones = {
  names: Intl.supportedValuesOf('timeZone'),
  find: canonicalInNode,
}

/**
 * The zones that both ClickHouse and this process know: timestamps are cut by ClickHouse, and today is looked up here. Either
 * has some that the other lacks.
 */
@Injectable()
export class ClickHouseTimeZones implements TimeZones, OnModuleInit {
  names: readonly string[] = []
  /** by the name in lower case */
  private readonly known = new Map<string, string>()

  constructor(private readonly clickhouse: ClickHouse) {}

  /** The list is a part of ClickHouse and stays as it is while that runs. */
  async onModuleInit(): Promise<void> {
    const rows = await this.clickhouse.query<{ name: string }>(
      'SELECT time_zone AS name FROM system.time_zones ORDER BY 1',
    )
    this.names = rows.map(({ name }) => name).filter(canonicalInNode)
    for (const name of this.names) this.known.set(name.toLowerCase(), name)
  }

  /** Also by a name that is known here alone and stands for a zone of ClickHouse: `ACT` is Australia/Darwin. */
  find(name: string): string | undefined {
    return this.known.get(name.toLowerCase()) ?? this.known.get(canonicalInNode(name)?.toLowerCase() ?? '')
  }
}

function canonicalInNode(name: string): string | undefined {
  if (!ZONE_NAME.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
