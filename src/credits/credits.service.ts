import { Injectable, Logger } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, UnavailableError, ValidationError } from '../common/errors/app-error.js'
import { InstanceId } from '../common/instance-id.js'
import { newId } from '../common/new-id.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { ChargesInFlight } from './charges-in-flight.js'
import { InsufficientCreditsError, KeyCreditLimitError, OutdatedQuoteError } from './credits.errors.js'
import {
  CreditsRepository,
  type ChargeOutcome,
  type ChargeRow,
  type ReleaseRow,
  type Reservation,
} from './credits.repository.js'
import { CreditsClock } from './credits-clock.js'
import { creditsCharged, creditsReleased } from './credits-metrics.js'
import {
  MAX_GRANT_CREDITS,
  type Charge,
  type ChargeCondition,
  type ChargeInput,
  type GrantInput,
  type EntryRow,
  type GrantRow,
} from './credits.types.js'
import { GroupCommit } from '../common/group-commit.js'
import { Settlements } from './settlements.js'

/** A charge to give back; `reserved` as it was made. */
type AbandonedCharge = Reservation & { reserved: boolean }

const DEADLOCK = '40P01'
const EXPORT_BATCH_ROWS = 2_000

/**
 * Charges and the ledger. A paid request charges, then settles (the credits are spent) or releases (they come back).
 * Always: sum of a user's ledger entries = balance = what is left of its live grants, and never below zero.
 *
 * A charge is durable before its answer leaves, and so is what makes it final. With `reserve` it is a reservation in
 * the database until it is settled: when the process dies first, another instance or the next start releases it within a
 * minute (credits.reconciler.ts). Without `reserve` its own commit makes it final, which saves an answer that is in hand
 * before the charge the second commit. Either way a process that is killed after the last commit and before the answer's
 * first byte has taken credits for an answer that nobody got: at most the batches that were under way
 * (docs/decisions/0004-charges-in-batches.md). The other order would give answers away.
 */
@Injectable()
export class CreditsService {
  private readonly logger = new Logger('Credits')
  private readonly inFlight = new ChargesInFlight()
  private readonly charges = new GroupCommit<ChargeRow, ChargeOutcome | undefined>(
    (charges) => this.chargeBatch(charges),
    {
      maxBatch: 500,
      maxWaiting: 20_000,
    },
  )
  private readonly releases = new GroupCommit<ReleaseRow, number>((items) => this.releaseBatch(items), {
    maxBatch: 500,
    maxWaiting: 100_000,
  })
  private readonly settlements: Settlements

  constructor(
    private readonly credits: CreditsRepository,
    private readonly clock: CreditsClock,
    private readonly instance: InstanceId,
  ) {
    this.settlements = new Settlements(async (chargeIds) => {
      const settled = await this.credits.settle(chargeIds)
      for (const chargeId of chargeIds) this.inFlight.remove(chargeId)
      return settled
    })
  }

  /**
   * Takes `cost` whole credits or throws InsufficientCreditsError (KeyCreditLimitError where the key's limit refuses it) and
   * takes none. Concurrent charges share statements
   * and are served in the order of arrival. UnavailableError: nothing is charged (should the statement have been
   * committed while the connection broke, it is given back later). OutdatedQuoteError: the condition did not hold. A cost of
   * 0 always succeeds.
   */
  async charge(input: ChargeInput): Promise<Charge> {
    if (!Number.isSafeInteger(input.cost) || input.cost < 0) throw new Error(`cannot charge ${input.cost} credits`)
    if (input.cost === 0) return { chargeId: newId(), balance: await this.balance(input.userId) }
    const chargeId = newId()
    const { userId, cost, reserve } = input
    this.inFlight.add(chargeId, userId, reserve)
    try {
      const outcome = await this.charges.submit({ ...input, chargeId })
      if (!outcome) throw new OutdatedQuoteError()
      const { charged, balance, exceeded } = outcome
      if (exceeded) throw new KeyCreditLimitError(cost, exceeded)
      if (!charged) {
        await this.reportExhausted(userId)
        throw new InsufficientCreditsError(cost, balance)
      }
      return { chargeId, balance }
    } catch (error) {
      if (this.inFlight.holds(chargeId)) this.inFlight.remove(chargeId)
      throw error
    }
  }

  /**
   * The request was answered: the charge is final. Resolves when that is durable (one batched statement later) and never
   * rejects; a process that dies before gives the credit back. Undefined when there is nothing to wait for: the charge
   * was made without a reservation, or is over.
   */
  settle(chargeId: string): Promise<void> | undefined {
    const reserved = this.inFlight.get(chargeId)?.reserved
    if (!this.inFlight.close(chargeId, 'settling')) return undefined
    if (reserved) return this.settlements.add(chargeId)
    this.inFlight.remove(chargeId)
    return undefined
  }

  /** The charge was made final by the statement that stored its answer (idempotency_complete). */
  settledElsewhere(chargeId: string): void {
    this.inFlight.remove(chargeId)
  }

  /**
   * The request failed: gives the credits back to the grants they came from, exactly once however often it is called.
   * What belongs to a grant that expired or was voided meanwhile does not come back. When it throws UnavailableError
   * the credits come back by themselves within a minute. The balance is null when the charge has long been over.
   */
  async release(chargeId: string, reason: string): Promise<{ balance: number | null }> {
    const known = this.inFlight.get(chargeId)
    if (!known) return this.releaseOfAnother(chargeId, reason)
    const { userId, reserved } = known
    // Settled or released before: nothing comes back.
    if (!this.inFlight.close(chargeId, 'released')) return { balance: await this.balance(userId) }
    return { balance: await this.releases.submit({ id: chargeId, userId, reason, reserved }) }
  }

  /**
   * Gives back a charge that may be settled already, exactly once: what it paid for failed later through no fault of the
   * user. As with `release`, an outage of the database only delays it.
   */
  async refund(chargeId: string, userId: string, reason: string): Promise<void> {
    // From now on it is known here until its release is durable, as a charge without a reservation is.
    this.inFlight.add(chargeId, userId, false)
    this.inFlight.close(chargeId, 'released')
    await this.releases.submit({ id: chargeId, userId, reason, reserved: false })
  }

  /** Releases charges whose request is gone. */
  async releaseAll(charges: AbandonedCharge[], reason: string): Promise<void> {
    await Promise.all(charges.map((charge) => this.releases.submit({ ...charge, reason })))
  }

  /** This instance's charges, reservations when older than `seconds`, that none of its requests stands behind. */
  async abandoned(seconds: number, maxAgeMs: number): Promise<AbandonedCharge[]> {
    const lost = this.inFlight.sweep(maxAgeMs)
    if (lost.length > 0) this.logger.error(`${lost.length} charges were neither settled nor released by their request`)
    for (const chargeId of lost) this.inFlight.close(chargeId, 'released')
    const own = await this.credits.own(this.instance.uuid, seconds, this.clock.now())
    const reservations = own.filter(({ id }) => !this.inFlight.holds(id))
    return [...reservations.map((each) => ({ ...each, reserved: true })), ...this.inFlight.unconfirmed()]
  }

  /** Every new user needs one, in the transaction that creates it. */
  openAccount(userId: string): Promise<void> {
    return this.credits.openAccount(userId)
  }

  async grant(input: GrantInput): Promise<{ grantId: string; balance: number }> {
    if (!Number.isSafeInteger(input.amount) || input.amount < 1 || input.amount > MAX_GRANT_CREDITS) {
      throw new ValidationError([{ path: 'amount', message: `must be a whole number from 1 to ${MAX_GRANT_CREDITS}` }])
    }
    if (input.expiresAt && input.expiresAt <= (this.clock.now() ?? new Date())) {
      throw new ValidationError([{ path: 'expiresAt', message: 'must be in the future' }])
    }
    const grantId = uuidv7()
    const balance = await this.credits.grant(grantId, input, this.clock.now())
    if (balance === null) throw new NotFoundError('The user')
    if (balance < 0) throw new AppError('CONFLICT', 'The balance would become too large.')
    return { grantId, balance }
  }

  /** Takes back what is left of a grant; voiding it again changes nothing. */
  async voidGrant(grantId: string, reason: string | null = null): Promise<GrantRow> {
    if (!(await this.credits.voidGrant(grantId, reason, this.clock.now()))) throw new NotFoundError('The grant')
    return (await this.credits.grantById(grantId, this.clock.now()))!
  }

  /** The credits that a charge could take right now. */
  async balance(userId: string): Promise<number> {
    return (await this.balances([userId])).get(userId) ?? 0
  }

  /** A user without credits is not in the map. */
  balances(userIds: string[]): Promise<Map<string, number>> {
    return this.credits.balances(userIds, this.clock.now())
  }

  /** Newest first; deleted users keep theirs. What has expired by now has its entry. */
  async ledger(userId: string, page: PageQuery): Promise<Page<EntryRow>> {
    await this.credits.expireUser(userId, this.clock.now())
    const { rows, total } = await this.credits.entries(userId, page)
    if (total === 0) await this.requireAccount(userId)
    return pageOf(rows, page, total)
  }

  /** The whole ledger, newest first, a batch at a time; no connection is held between two batches. */
  async ledgerBatches(userId: string): Promise<AsyncGenerator<EntryRow[]>> {
    await this.requireAccount(userId)
    return this.entriesInBatches(userId)
  }

  /** In burn order, used up and expired ones included. */
  async grants(userId: string, page: PageQuery): Promise<Page<GrantRow>> {
    const { rows, total } = await this.credits.grants(userId, page, this.clock.now())
    if (total === 0) await this.requireAccount(userId)
    return pageOf(rows, page, total)
  }

  /** After the last request: what is on its way reaches the database before its connections close. */
  async drain(): Promise<void> {
    await Promise.all([this.charges.idle(), this.releases.idle(), this.settlements.close()])
    const unconfirmed = this.inFlight.unconfirmed()
    await this.releaseAll(unconfirmed, 'the request ended without a response').catch((error: unknown) => {
      this.logger.error(`${unconfirmed.length} charges may be left without a response: ${String(error)}`)
    })
  }

  /** The refusal is the same when nobody can be told of it. */
  private async reportExhausted(userId: string): Promise<void> {
    await this.credits.reportExhausted(userId).catch((error: unknown) => {
      this.logger.warn(`webhooks are not told of an exhausted balance: ${String(error)}`)
    })
  }

  /** The row of its reservation decides. */
  private async releaseOfAnother(id: string, reason: string): Promise<{ balance: number | null }> {
    const reservation = await this.credits.reservation(id)
    if (!reservation) return { balance: null }
    return { balance: await this.releases.submit({ ...reservation, reason, reserved: true }) }
  }

  private async *entriesInBatches(userId: string): AsyncGenerator<EntryRow[]> {
    for (let before: number | null = null; ;) {
      const rows = await this.credits.entriesBefore(userId, before, EXPORT_BATCH_ROWS)
      if (rows.length > 0) yield rows
      if (rows.length < EXPORT_BATCH_ROWS) return
      before = rows.at(-1)!.seq
    }
  }

  private async requireAccount(userId: string): Promise<void> {
    if (!(await this.credits.hasAccount(userId))) throw new NotFoundError('The user')
  }

  /** Undefined for a charge whose condition does not hold, and for those beside it that have one: they are quoted again. */
  private async chargeBatch(charges: ChargeRow[]): Promise<(ChargeOutcome | undefined)[]> {
    const outcomes = await this.chargeAll(charges, conditionsOf(charges))
    if (outcomes) return outcomes
    const others = charges.filter(({ condition }) => !condition)
    const charged = others.length > 0 ? (await this.chargeAll(others, []))! : []
    return charges.map(({ condition }) => (condition ? undefined : charged.shift()))
  }

  private chargeAll(charges: ChargeRow[], conditions: ChargeCondition[]): Promise<ChargeOutcome[] | undefined> {
    const now = this.clock.now()
    const charge = async (): Promise<ChargeOutcome[] | undefined> =>
      counted(charges, await this.credits.charge(charges, conditions, this.instance.uuid, now))
    return retriedAfterDeadlock(charge).catch((error: unknown) => {
      // The statement may have been committed all the same: a reservation shows up in the database, the others do not.
      for (const { chargeId, reserve } of charges) if (!reserve) this.inFlight.close(chargeId, 'released')
      throw error instanceof UnavailableError ? error : new UnavailableError('Nothing was charged; try again.', error)
    })
  }

  private async releaseBatch(items: ReleaseRow[]): Promise<number[]> {
    const now = this.clock.now()
    const outcomes = await retriedAfterDeadlock(() => this.credits.release(items, now))
    outcomes.forEach(({ released }, index) => this.inFlight.confirmRelease(items[index]!.id, released))
    void this.countReleased(items.filter((_, index) => outcomes[index]!.released))
    return outcomes.map(({ balance }) => balance)
  }

  /** Behind the release: the ledger knows the amounts. Without an answer of the database they are missing in the metric. */
  private async countReleased(items: ReleaseRow[]): Promise<void> {
    if (items.length === 0) return
    try {
      creditsReleased.inc(await this.credits.releasedCredits(items.map(({ id }) => id)))
    } catch {
      this.logger.debug(`${items.length} released charges are missing in the metrics`)
    }
  }
}

function counted<Outcomes extends ChargeOutcome[] | undefined>(charges: ChargeRow[], outcomes: Outcomes): Outcomes {
  if (outcomes) creditsCharged.inc(charges.reduce((sum, { cost }, at) => sum + (outcomes[at]!.charged ? cost : 0), 0))
  return outcomes
}

/** Each once: nearly all requests of a batch found the same version. */
function conditionsOf(charges: ChargeRow[]): ChargeCondition[] {
  const conditions: ChargeCondition[] = []
  for (const { condition } of charges) {
    if (condition && !conditions.some((known) => isSame(known, condition))) conditions.push(condition)
  }
  return conditions
}

function isSame(one: ChargeCondition, other: ChargeCondition): boolean {
  return one.dataset === other.dataset && one.version === other.version
}

/** The order of locks leaves no deadlock among our own statements; an operator's SQL console may still cause one. */
async function retriedAfterDeadlock<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { code?: string }).code !== DEADLOCK) throw error
    return work()
  }
}
