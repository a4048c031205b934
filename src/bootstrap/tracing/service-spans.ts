import type { CanActivate, Type } from '@nestjs/common'
import { DiscoveryService, type ModuleRef } from '@nestjs/core'
import { SpanKind, type Tracer } from '@opentelemetry/api'
import { QueryResultCache, type CacheLookup } from '../../analytics/execution/query-result-cache.js'
import { QueriesService } from '../../analytics/queries.service.js'
import { CreditsService } from '../../credits/credits.service.js'
import { RequestCharges } from '../../credits/request-charges.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { Database } from '../../infrastructure/database/database.js'
import { IngestionRunner } from '../../ingestion/loading/ingestion-runner.js'
import { StagingService } from '../../ingestion/loading/staging.service.js'
import { traceMethod, type SpanOptions } from './method-spans.js'

type MethodsOf<T> = { [Name in keyof T]: T[Name] extends (...args: never[]) => unknown ? Name : never }[keyof T]

/** Longer ones list many columns; their beginning tells which they are. */
const MAX_STATEMENT_CHARACTERS = 2_000

/**
 * Puts spans around methods of the services of this process, from outside: no service knows of it, and without tracing
 * none pays for it.
 */
export function traceServices(modules: ModuleRef, tracer: Tracer): void {
  const wrap = <T>(service: Type<T>, method: MethodsOf<T>, options: SpanOptions): void =>
    traceMethod(modules.get(service, { strict: false }), method as string, options, tracer)

  for (const guard of guardsOf(modules)) traceMethod(guard, 'canActivate', { name: guard.constructor.name }, tracer)
  wrap(QueryResultCache, 'peek', { name: 'cache peek', result: hit })
  wrap(QueryResultCache, 'find', { name: 'cache find', result: hit })
  wrap(QueryResultCache, 'fill', { name: 'cache fill' })
  wrap(RequestCharges, 'take', { name: 'credits charge' })
  wrap(CreditsService, 'settle', { name: 'credits settle' })
  wrap(CreditsService, 'release', { name: 'credits release' })
  wrap(CreditsService, 'refund', { name: 'credits refund' })
  wrap(QueriesService, 'execute', { name: 'query' })
  wrap(QueriesService, 'export', { name: 'query export' })
  wrap(IngestionRunner, 'run', {
    name: 'ingestion',
    kind: SpanKind.CONSUMER,
    attributes: ([id]) => ({ 'countinghouse.ingestion.id': String(id) }),
    isRoot: true,
  })
  wrap(StagingService, 'prepare', { name: 'ingestion prepare' })
  wrap(StagingService, 'load', { name: 'ingestion load chunk' })
  wrap(StagingService, 'publish', { name: 'ingestion publish' })
  for (const method of ['queryBytes', 'stream', 'command'] as const) wrap(ClickHouse, method, clickHouse(statementOf))
  const insertOf = ([table]: unknown[]): string => `INSERT INTO ${String(table)}`
  wrap(ClickHouse, 'insert', clickHouse(insertOf))
  wrap(Database, 'query', { ...database('postgresql', statementOf), name: postgresName })
}

/** All of them, each once: what refused a request is seen in its trace. */
function guardsOf(modules: ModuleRef): Set<CanActivate> {
  const instances = modules.get(DiscoveryService, { strict: false }).getProviders()
  const guards = instances.map(({ instance }) => instance as Partial<CanActivate> | undefined)
  return new Set(guards.filter((guard): guard is CanActivate => typeof guard?.canActivate === 'function'))
}

function hit(lookup: unknown): { 'countinghouse.cache.hit': boolean } {
  const { result, prepared } = (lookup ?? {}) as CacheLookup
  return { 'countinghouse.cache.hit': result !== undefined || prepared !== undefined }
}

function clickHouse(statement: (args: unknown[]) => string): SpanOptions {
  return { ...database('clickhouse', statement), name: (args) => `ClickHouse ${verbOf(statement(args))}` }
}

/** Statements without their values, which are parameters. */
function database(system: string, statement: (args: unknown[]) => string): Omit<SpanOptions, 'name'> {
  return {
    kind: SpanKind.CLIENT,
    attributes: (args) => ({
      'db.system.name': system,
      'db.query.text': statement(args).slice(0, MAX_STATEMENT_CHARACTERS),
    }),
  }
}

function statementOf([sql]: unknown[]): string {
  return String(sql)
}

/** A prepared statement by its name. */
function postgresName([sql, , name]: unknown[]): string {
  return `PostgreSQL ${typeof name === 'string' ? name : verbOf(String(sql))}`
}

function verbOf(sql: string): string {
  return /[A-Za-z]+/.exec(sql)?.[0].toUpperCase() ?? ''
}
