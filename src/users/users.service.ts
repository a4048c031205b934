import { Injectable } from '@nestjs/common'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import { v7 as uuidv7, validate as isUuid } from 'uuid'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import type { Page } from '../common/pagination.dto.js'
import { CreditsService } from '../credits/credits.service.js'
import { Database } from '../infrastructure/database/database.js'
import { uniqueViolation } from '../infrastructure/database/database-errors.js'
import { AccessPoliciesService } from '../auth/access/access-policies.service.js'
import { KeysService } from '../auth/api-keys/keys.service.js'
import type { CreateUserBody, ListUsersQuery, SearchUsersQuery, UpdateUserBody, User } from './users.dto.js'
import { UserCache } from './user-cache.js'
import { UserEmails } from './user-emails.js'
import type { UserEntity } from './user.entity.js'
import { UsersRepository } from './users.repository.js'

/** Accounts: who they are. Their keys and credits live in their own modules. */
@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly keys: KeysService,
    private readonly credits: CreditsService,
    private readonly database: Database,
    private readonly emails: UserEmails,
    private readonly cache: UserCache,
    private readonly policies: AccessPoliciesService,
  ) {}

  /** The user, its account, its first grant and its first key come to be together or not at all. */
  async create({ credits = 0, ...body }: CreateUserBody): Promise<{ user: User; apiKey: string }> {
    return this.withFreeName(() =>
      this.database.transaction(async () => {
        const entity = await this.users.insert(this.newUser(body))
        await this.credits.openAccount(entity.id)
        const reason = 'granted with the account'
        if (credits > 0) await this.credits.grant({ userId: entity.id, amount: credits, reason })
        const { apiKey } = await this.keys.issue(entity.id, { name: 'first key' })
        return { user: this.userOf(entity, credits), apiKey }
      }),
    )
  }

  async list(query: ListUsersQuery): Promise<Page<User>> {
    const { data, pagination } = await this.users.list(query)
    return { data: await this.answersOf(data), pagination }
  }

  /** In the order of their ids. */
  async search(query: SearchUsersQuery): Promise<Page<User>> {
    const { data, pagination } = await this.users.search(query)
    return { data: await this.answersOf(data), pagination }
  }

  /** Stored accounts as they are shown, with their balances. */
  async answersOf(entities: UserEntity[]): Promise<User[]> {
    const balances = await this.credits.balances(entities.map(({ id }) => id))
    return entities.map((entity) => this.userOf(entity, balances.get(entity.id) ?? 0))
  }

  /** The id of the account that is named by its own id, or by the one that it has in a file of users. */
  async idOf(reference: string): Promise<string> {
    const id = reference.toLowerCase()
    if (isUuid(id) && (await this.stored(id))) return id
    // A NUL is no text for PostgreSQL, and so the id of nobody.
    const found = reference.includes('\0') ? undefined : await this.users.idOfExternal(isUuid(id) ? id : reference)
    if (!found) throw new NotFoundError('The user')
    return found
  }

  async get(id: string): Promise<User> {
    const [entity, balance] = await Promise.all([this.stored(id), this.credits.balance(id)])
    if (!entity) throw new NotFoundError('The user')
    return this.userOf(entity, balance)
  }

  async update(id: string, { email, ...changes }: UpdateUserBody): Promise<User> {
    const columns = {
      ...changes,
      access: this.policies.checked(changes.access),
      ...(email !== undefined && this.emails.columnsOf(id, email)),
    }
    const entity = await this.withFreeName(() => this.users.update(id, columns as QueryDeepPartialEntity<UserEntity>))
    if (!entity) throw new NotFoundError('The user')
    await this.changed(id)
    return this.userOf(entity, await this.credits.balance(id))
  }

  /** Its keys end, its ledger stays, its name is free again. */
  async remove(id: string): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.users.remove(id))) throw new NotFoundError('The user')
      await this.keys.revokeAll(id)
    })
    await this.changed(id)
  }

  private stored(id: string): Promise<UserEntity | null> {
    return this.cache.get(id, () => this.users.find(id))
  }

  /** This instance knows at once; the database tells the others. */
  private async changed(id: string): Promise<void> {
    this.keys.changed()
    await this.database.afterCommit(() => this.cache.forget(id))
  }

  /** The unique index decides, so that of two who take a name at once one is told. */
  private async withFreeName<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (uniqueViolation(error) !== 'users_username_unique') throw error
      throw new AppError('CONFLICT', 'This username is taken.', {
        errors: [{ path: 'username', message: 'is taken' }],
      })
    }
  }

  private newUser(body: Omit<CreateUserBody, 'credits'>): Partial<UserEntity> {
    const { username, firstName = null, lastName = null, email = null } = body
    const { role = 'member', rateLimitPerMinute = null, sendEvents = false } = body
    const access = this.policies.checked(body.access) ?? null
    const id = uuidv7()
    const columns = this.emails.columnsOf(id, email)
    const rights = { role, rateLimitPerMinute, sendEvents, access }
    return { id, username, firstName, lastName, ...columns, ...rights, status: 'active' }
  }

  private userOf(entity: UserEntity, credits: number): User {
    const { id, username, firstName, lastName, role, status, rateLimitPerMinute, sendEvents, access, createdAt } =
      entity
    const email = this.emails.emailOf(entity)
    const profile = { id, username, firstName, lastName, email, role, status }
    return { ...profile, credits, rateLimitPerMinute, sendEvents, access, createdAt }
  }
}
