import { AsyncLocalStorage } from 'node:async_hooks'
import { UnavailableError } from './errors/app-error.js'

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

export interface GroupCommitOptions<Item> {
  /** what one batch holds, and what may wait; counted in items, or in whatever `weightOf` counts */
  maxBatch: number
  maxWaiting: number
  weightOf?: (item: Item) => number
  /**
   * After a shared batch the next one waits so long for those who were just answered: callers who ask again as soon as
   * they have their deliver would otherwise fall into two halves that take turns, in twice as many batches.
   */
  lingerMs?: number
}

/**
 * Gathers what arrives while a statement is in flight into the next one, so that throughput is not bound to one commit
 * per item while a lone item waits for nobody. Batches run one after the other and keep the order of arrival; `commit`
 * answers one result per item, in order, and its failure is the failure of every item of that batch.
 */
export class GroupCommit<Item, Result> {
  private waiting: Waiting<Item, Result>[] = []
  private waitingWeight = 0
  private running = false
  /** while the next batch waits for more: how many items it waits for, and what ends the wait */
  private lingering?: { expected: number; end: () => void }
  private whenIdle: (() => void)[] = []
  /** A batch belongs to nobody's request, so neither to the transaction that its first item may come from. */
  private readonly outsideOfRequests = AsyncLocalStorage.snapshot()

  constructor(
    private readonly commit: (items: Item[]) => Promise<Result[]>,
    private readonly options: GroupCommitOptions<Item>,
  ) {}

  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => this.enqueue(item, resolve, reject))
  }

  /** As submit, without the cost of a promise for each item. The callbacks must not throw. */
  enqueue(item: Item, resolve: (result: Result) => void, reject: (error: unknown) => void): void {
    if (this.waitingWeight >= this.options.maxWaiting) {
      reject(new UnavailableError('The server is busy; try again.'))
      return
    }
    this.waiting.push({ item, resolve, reject })
    this.waitingWeight += this.weightOf(item)
    if (!this.running) this.start()
    else if (this.lingering && this.waiting.length >= this.lingering.expected) this.lingering.end()
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    if (this.running) await new Promise<void>((resolve) => this.whenIdle.push(resolve))
  }

  /** The first batch starts when this turn of the event loop ends, so that what arrives together goes together. */
  private start(): void {
    this.running = true
    setImmediate(() => this.outsideOfRequests(() => void this.run()))
  }

  private async run(): Promise<void> {
    let deliver = nothing
    while (this.waiting.length > 0) {
      const batch = this.takeBatch()
      const outcome = this.outcomeOf(batch)
      // Behind the statement, which is sent in this turn: the database works on while those before are answered.
      process.nextTick(deliver)
      deliver = await outcome
      if (this.waiting.length === 0 || this.options.lingerMs) {
        deliver()
        deliver = nothing
      }
      if (batch.length > 1) await this.linger(batch.length + this.waiting.length)
    }
    this.running = false
    for (const resolve of this.whenIdle.splice(0)) resolve()
  }

  private async linger(expected: number): Promise<void> {
    const { lingerMs, maxBatch } = this.options
    if (!lingerMs || this.waitingWeight >= maxBatch) return
    await new Promise<void>((end) => {
      this.lingering = { expected, end }
      setTimeout(end, lingerMs)
    })
    this.lingering = undefined
  }

  /** At least one item, however heavy it is. */
  private takeBatch(): Waiting<Item, Result>[] {
    let count = 0
    let weight = 0
    while (count < this.waiting.length) {
      const next = this.weightOf(this.waiting[count]!.item)
      if (count > 0 && weight + next > this.options.maxBatch) break
      weight += next
      count++
    }
    this.waitingWeight -= weight
    return this.waiting.splice(0, count)
  }

  private weightOf(item: Item): number {
    return this.options.weightOf?.(item) ?? 1
  }

  /** Commits the batch; what it resolves with answers the callers. */
  private async outcomeOf(batch: Waiting<Item, Result>[]): Promise<() => void> {
    try {
      const results = await this.commit(batch.map(({ item }) => item))
      return () => batch.forEach(({ resolve }, index) => resolve(results[index]!))
    } catch (error) {
      return () => batch.forEach(({ reject }) => reject(error))
    }
  }
}

function nothing(): void {
  // There is nobody to deliver yet.
}
