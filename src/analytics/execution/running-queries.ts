import { Injectable } from '@nestjs/common'
import type { Principal } from '../../common/principal.js'
import { Config } from '../../config/config.js'
import { QuotaExceededError } from '../../auth/auth.errors.js'
import { PrincipalQuota, accountOf } from '../../auth/principal-quota.js'
import {
  QueryAbortedError,
  QueryTimeoutError,
  QueryTooLargeError,
  ClickHouseStatementError,
} from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { FailureBudget } from './failure-budget.js'

/** Failures that took ClickHouse's time; that it cannot be reached is not the principal's fault. */
const COSTLY_FAILURES = [QueryTimeoutError, QueryTooLargeError, QueryAbortedError, ClickHouseStatementError]

/** A query while ClickHouse works on it. Both end it; what comes second does nothing. */
export interface RunningQuery {
  succeed(): void
  fail(error: unknown): void
}

/**
 * Each user's share of ClickHouse in this process: QUERIES_IN_FLIGHT_PER_USER at a time, with all keys together; and because
 * a failure costs no credits, so much ClickHouse time of failed queries a minute (FAILED_QUERY_SECONDS_PER_MINUTE). The root key
 * counts as one user, whose failures are not counted.
 */
@Injectable()
export class RunningQueries {
  private readonly quota: PrincipalQuota
  private readonly failures: FailureBudget
  /** how many requests wait for one query of an account */
  private readonly waiting = new Map<string, number>()

  constructor(private readonly config: Config) {
    this.quota = new PrincipalQuota(config.queriesInFlightPerUser)
    this.failures = new FailureBudget(config.failedQuerySecondsPerMinute)
  }

  /** Does the work as a running query of the principal. */
  async run<T>(principal: Principal, key: string | undefined, work: () => Promise<T>): Promise<T> {
    const running = this.start(principal, key)
    try {
      const result = await work()
      running.succeed()
      return result
    } catch (error) {
      running.fail(error)
      throw error
    }
  }

  /**
   * QuotaExceededError (429) above a limit. Requests with the same `key` share one ClickHouse query, so they count once;
   * undefined: it is shared with none.
   */
  start(principal: Principal, key: string | undefined): RunningQuery {
    const account = accountOf(principal)
    this.ensureFewFailures(principal, account)
    const leave = this.enter(account, key)
    const startedAtMs = performance.now()
    return {
      succeed: leave,
      fail: (error) => {
        if (!leave() || principal.userId === null || !COSTLY_FAILURES.some((kind) => error instanceof kind)) return
        this.failures.spend(account, (performance.now() - startedAtMs) / 1000)
      },
    }
  }

  private ensureFewFailures({ userId }: Principal, account: string): void {
    const retryAfterSeconds = userId === null ? 0 : this.failures.waitSeconds(account)
    if (retryAfterSeconds === 0) return
    const { failedQuerySecondsPerMinute: limit } = this.config
    throw new QuotaExceededError(
      `Queries of this account that failed or were cut off have taken more than ${limit} seconds a minute of ClickHouse: ` +
        'wait, and narrow their filters or date ranges.',
      { retryAfterSeconds },
    )
  }

  /** Returns what ends it, whose result is whether ClickHouse's work has ended with it. */
  private enter(account: string, key: string | undefined): () => boolean {
    const shared = key === undefined ? undefined : `${account} ${key}`
    const others = shared === undefined ? 0 : (this.waiting.get(shared) ?? 0)
    if (others === 0 && !this.quota.take(account)) {
      throw new QuotaExceededError(
        `This account may have ${this.quota.limit} queries running at the same time: wait for one to end.`,
      )
    }
    if (shared !== undefined) this.waiting.set(shared, others + 1)
    let hasLeft = false
    return () => {
      const isLast = !hasLeft && (shared === undefined || this.isLast(shared))
      hasLeft = true
      if (isLast) this.quota.release(account)
      return isLast
    }
  }

  private isLast(shared: string): boolean {
    const left = this.waiting.get(shared)! - 1
    if (left > 0) this.waiting.set(shared, left)
    else this.waiting.delete(shared)
    return left === 0
  }
}
