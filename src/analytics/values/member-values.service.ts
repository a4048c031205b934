import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { hash } from 'node:crypto'
import { Cache } from '../../infrastructure/cache/cache.js'
import { SingleFlight } from '../../infrastructure/cache/single-flight.js'
import { ValidationError } from '../../common/errors/app-error.js'
import type { Principal } from '../../common/principal.js'
import { UnknownNameError } from '../../common/errors/unknown-name.error.js'
import { Config } from '../../config/config.js'
import { AccessibleDatasets } from '../../datasets/access/accessible-datasets.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { DatasetVersions } from '../../datasets/dataset-versions.js'
import { findMember, type Member } from '../../datasets/member.js'
import { fromTable, FinalFreeReads } from '../../datasets/deduplication/final-free-reads.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { QueryAbortedError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { ClientDisconnect } from '../../common/http/client-disconnect.js'
import { bufferedResultSettings } from '../execution/query-settings.js'
import { allOf } from '../../datasets/filters/filter-sql.js'
import { namesOf } from '../../datasets/filters/member-parser.js'
import type { MemberValues, MemberValuesQuery } from './member-values.dto.js'
import { RunningQueries } from '../execution/running-queries.js'
import { SqlParams } from '../../datasets/filters/sql-params.js'

/** A picker wants a response at once, and nobody pays for it. */
const MAX_SECONDS = 5
const MAX_THREADS = 2
/** More values are not distinguished: a key of a large table has as many as rows. */
const MAX_VALUES = 1_000_000
const CACHE_MS = 60_000
/** An append-only dataset has a new version with every event. */
const APPEND_ONLY_CACHE_MS = 5_000

interface ValueRow {
  value: string
  total: string
}

/** The distinct values of a member in the rows that exist for the caller, to choose from. */
@Injectable()
export class MemberValuesService {
  constructor(
    private readonly cache: Cache,
    private readonly singleFlight: SingleFlight,
    private readonly versions: DatasetVersions,
    private readonly reads: FinalFreeReads,
    private readonly clickhouse: ClickHouse,
    private readonly running: RunningQueries,
    private readonly config: Config,
    private readonly datasets: AccessibleDatasets,
  ) {}

  /** Throws NOT_FOUND with the nearest names, and ValidationError for a member that is no text. */
  async list(
    path: { dataset: string; member: string },
    query: MemberValuesQuery,
    principal: Principal,
    reply: FastifyReply,
  ): Promise<MemberValues> {
    const dataset = this.datasets.of(principal.access).get(path.dataset)
    const member = textMemberOf(dataset, path.member)
    const key = await this.keyOf(dataset, member, query)
    const known = await this.known(key)
    if (known) return known
    const { signal } = new ClientDisconnect(reply)
    const work = (ending: AbortSignal) => this.readAndKeep(key, dataset, member, query, ending)
    return this.running.run(principal, key, () =>
      this.singleFlight.join(key, signal, { find: () => this.known(key), work }).catch((error: unknown) => {
        throw signal.aborted ? new QueryAbortedError(error) : error
      }),
    )
  }

  private async keyOf(dataset: DatasetDefinition, member: Member, { search = '', limit }: MemberValuesQuery) {
    const version = dataset.appendOnly ? 'now' : (await this.versions.current(dataset.name)).version
    const rows = dataset.restriction?.cacheKey
    const digest = hash('sha256', JSON.stringify([member.name, search, limit, rows]), 'base64url')
    return `values:${dataset.table}:${version}:${digest}`
  }

  private async known(key: string): Promise<MemberValues | undefined> {
    const entry = await this.cache.get(key)
    return entry && (JSON.parse(entry.toString()) as MemberValues)
  }

  private async readAndKeep(
    key: string,
    dataset: DatasetDefinition,
    member: Member,
    query: MemberValuesQuery,
    signal: AbortSignal,
  ): Promise<MemberValues> {
    const rows = await this.read(dataset, member, query, signal)
    const pagination = { limit: query.limit, offset: 0, total: Number(rows[0]?.total ?? 0) }
    const values = { data: rows.map(({ value }) => value), pagination }
    const cacheMs = dataset.appendOnly ? APPEND_ONLY_CACHE_MS : CACHE_MS
    await this.cache.set(key, Buffer.from(JSON.stringify(values)), cacheMs)
    return values
  }

  private read(dataset: DatasetDefinition, member: Member, query: MemberValuesQuery, signal: AbortSignal) {
    const params = new SqlParams()
    params.include(member.params)
    params.include(dataset.restriction?.params)
    const where = [dataset.restriction?.rowSql, whereSql(member, query, params)].filter(Boolean).join(' AND ')
    return this.reads.read(dataset, ({ skipFinal, settings }) => {
      const counted = `SELECT ${member.sql} AS value, count() AS rows ${fromTable(dataset, skipFinal)} WHERE ${where} GROUP BY value`
      const sql = `SELECT value, count() OVER () AS total FROM (${counted}) ORDER BY rows DESC, value LIMIT ${query.limit}`
      return this.clickhouse.query<ValueRow>(sql, {
        params: params.values,
        settings: { ...bufferedResultSettings(this.config), ...LIMITS, ...settings },
        signal,
      })
    })
  }
}

const LIMITS = {
  max_execution_time: MAX_SECONDS,
  max_threads: MAX_THREADS,
  max_rows_to_group_by: String(MAX_VALUES),
  group_by_overflow_mode: 'any' as const,
}

function textMemberOf(dataset: DatasetDefinition, name: string): Member {
  const kinds = ['dimension', 'time'] as const
  const member = findMember(dataset, name)
  if (!member) throw new UnknownNameError('member', 'member', name, namesOf(dataset, kinds))
  if (member.type === 'text') return member
  const texts = namesOf(dataset, kinds).filter((each) => (findMember(dataset, each)?.type ?? 'text') === 'text')
  const message = `is ${member.type}, and only texts have a list of values: use ${texts.join(', ')}`
  throw new ValidationError([{ path: 'member', message }])
}

function whereSql(member: Member, { search }: MemberValuesQuery, params: SqlParams): string {
  const isSet = { member, test: { kind: 'set' as const }, negated: false }
  if (!search) return allOf([isSet], params)!
  const contains = { kind: 'text' as const, match: 'contains' as const, values: [search] }
  return allOf([isSet, { member, test: contains, negated: false }], params)!
}
