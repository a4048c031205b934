import { EventEmitter } from 'node:events'
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { Database } from '../infrastructure/database/database.js'
import { Notifications } from '../infrastructure/database/notifications.js'
import { USER_CHANGES_CHANNEL, UserChangesRepository, type UserChange } from './user-changes.repository.js'
import { formatPosition, parsePosition, type StreamPosition } from './user-stream-position.js'
import { UsersService } from './users.service.js'

const PAGE_ROWS = 500
const HEARTBEAT_MS = 15_000
/** A waiting stream looks up this often whether its reader may stay; while PostgreSQL notifies nobody, for changes too. */
const TURN_MS = 250
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** For so long somebody who was away can take up the stream where they left it. */
const RETENTION_DAYS = 7
const PRUNE_EVERY_MS = 3_600_000

/** What one reader has had, and what it knows of the news. */
interface Reader {
  position: StreamPosition
  seenVersion: number
  /** more is there than it was given: the page was full, or a change waits for an older transaction to end */
  hasMore: boolean
  sentAtMs: number
}

/**
 * The accounts as server-sent events: first those that exist, in the order of their ids, then each change once. Every
 * reader has its own place in the log of changes and is given the next page when it has taken the last one, so a slow
 * one costs no memory and misses nothing.
 */
@Injectable()
export class UserStreamService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('UserStream')
  private readonly bell = new EventEmitter().setMaxListeners(0)
  private readonly stopping = new AbortController()
  private version = 0

  constructor(
    private readonly changes: UserChangesRepository,
    private readonly users: UsersService,
    private readonly database: Database,
    private readonly notifications: Notifications,
  ) {}

  async onModuleInit(): Promise<void> {
    this.notifications.listen(USER_CHANGES_CHANNEL, () => {
      this.version++
      this.bell.emit('ring')
    })
    await this.changes.dropForeign()
  }

  /** Readers are let go before the server closes. */
  beforeApplicationShutdown(): void {
    this.stopping.abort()
    this.bell.emit('ring')
  }

  /** By one instance at a time. */
  @Interval(PRUNE_EVERY_MS)
  async prune(): Promise<void> {
    const olderThan = new Date(Date.now() - RETENTION_DAYS * 86_400_000)
    await this.database
      .withAdvisoryLock('user-changes-retention', () => this.changes.prune(olderThan))
      .catch((error: unknown) => this.logger.warn(`the log of user changes: ${String(error)}`))
  }

  /**
   * The text of the stream, until the process stops or `mayStay` says no. It is asked before anything is given away, so
   * that a key that was revoked meanwhile opens nothing more. With `lastEventId` the stream goes on behind that event;
   * where that cannot be done any more, it says `reset` and starts again.
   */
  async *stream(lastEventId: string | undefined, mayStay: () => Promise<boolean>): AsyncGenerator<string> {
    const known = lastEventId ? await this.known(lastEventId) : undefined
    const position = known ?? { phase: 'users', after: FIRST_ID, since: await this.changes.end() }
    const reader: Reader = { position, seenVersion: -1, hasMore: true, sentAtMs: performance.now() }
    // Something at once, so that the headers go out.
    yield 'retry: 1000\n\n'
    if (lastEventId && !known) yield eventOf('reset', {})
    while (!this.stopping.signal.aborted) {
      const text = await this.next(reader)
      if (!(await mayStay())) return
      if (text) yield text
    }
  }

  private async known(lastEventId: string): Promise<StreamPosition | undefined> {
    const position = parsePosition(lastEventId)
    if (!position) return undefined
    const log = position.phase === 'users' ? position.since : position.after
    return (await this.changes.isKnown(log)) ? position : undefined
  }

  /** The next text; empty when there is nothing to say for now. */
  private async next(reader: Reader): Promise<string> {
    const text = reader.position.phase === 'users' ? await this.nextUsers(reader) : await this.nextChanges(reader)
    const nowMs = performance.now()
    if (!text && nowMs - reader.sentAtMs < HEARTBEAT_MS) return ''
    reader.sentAtMs = nowMs
    return text || ': still here\n\n'
  }

  private async nextUsers(reader: Reader): Promise<string> {
    const { after, since } = reader.position as StreamPosition & { phase: 'users' }
    const page = await this.changes.users(after, since, PAGE_ROWS)
    if (page.length === 0) {
      reader.position = { phase: 'changes', after: since }
      return ': these were all; changes follow\n\n'
    }
    reader.position = { phase: 'users', after: page.at(-1)!.id, since }
    const users = await this.users.answersOf(page)
    return users.map((user) => eventOf('user', user, { phase: 'users', after: user.id, since })).join('')
  }

  private async nextChanges(reader: Reader): Promise<string> {
    const { after } = reader.position as StreamPosition & { phase: 'changes' }
    if (!this.mayHaveChanges(reader)) await this.waitForChange()
    if (!this.mayHaveChanges(reader)) return ''
    reader.seenVersion = this.version
    const { changes, isPending } = await this.changes.after(after, PAGE_ROWS)
    reader.hasMore = isPending || changes.length === PAGE_ROWS
    if (changes.length === 0) {
      await this.waitForChange()
      return ''
    }
    const { xid, seq } = changes.at(-1)!
    reader.position = { phase: 'changes', after: { xid, seq } }
    return this.textOf(changes)
  }

  private mayHaveChanges({ seenVersion, hasMore }: Reader): boolean {
    return seenVersion !== this.version || hasMore || !this.notifications.isListening()
  }

  /** Resolves at PostgreSQL's next notification of a change, or when the turn is over. */
  private async waitForChange(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.bell.off('ring', done)
        resolve()
      }
      const timer = setTimeout(done, TURN_MS)
      this.bell.on('ring', done)
    })
  }

  private async textOf(changes: UserChange[]): Promise<string> {
    const living = changes.flatMap(({ type, user }) => (user && type !== 'deleted' ? [user] : []))
    const users = new Map((await this.users.answersOf(living)).map((user) => [user.id, user]))
    const texts = changes.map(({ type, userId, xid, seq }) => {
      const user = type === 'deleted' ? { id: userId } : users.get(userId)
      // A row that is gone without a trace has nothing to show; that it was deleted follows.
      return user ? eventOf(`user.${type}`, user, { phase: 'changes', after: { xid, seq } }) : ''
    })
    return texts.join('')
  }
}

function eventOf(event: string, data: object, position?: StreamPosition): string {
  const id = position ? `id: ${formatPosition(position)}\n` : ''
  return `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
