import { Injectable } from '@nestjs/common'
import { type EntityManager, MoreThanOrEqual, type Repository } from 'typeorm'
import { containsPattern } from '../database/contains-pattern.js'
import { Database } from '../database/database.js'
import type { ListUsersQuery, SearchUsersQuery } from './users.dto.js'
import { UserEmails } from './user-emails.js'
import { UserEntity } from './user.entity.js'

const SEARCHED = ['username', 'firstName', 'lastName', 'email'] as const

/** As the index `users_names` has it; the line break keeps a search from running over from one name into the other. */
const BOTH_NAMES = `(coalesce(user.first_name, '') || E'\\n' || coalesce(user.last_name, ''))`

/** The account of credits is the ledger's; which users to show is asked of both at once, or pages would have holes. */
const HAS_AT_MOST = 'EXISTS (SELECT FROM credit_accounts a WHERE a.user_id = user.id AND a.balance <= :maxCredits)'

/** Accounts; the deleted ones are not found. */
@Injectable()
export class UsersRepository {
  constructor(
    private readonly database: Database,
    private readonly emails: UserEmails,
  ) {}

  async insert(user: Partial<UserEntity>, manager: EntityManager): Promise<UserEntity> {
    const users = manager.getRepository(UserEntity)
    const entity = users.create(user)
    await users.insert(entity)
    return entity
  }

  find(id: string): Promise<UserEntity | null> {
    return this.users((users) => users.findOneBy({ id }))
  }

  /** The account that a file of users brought under this id. */
  async idOfExternal(externalId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ id: string }>(
      'SELECT id FROM users WHERE external_id = $1 AND deleted_at IS NULL',
      [externalId],
    )
    return row?.id
  }

  /** In the order of creation, newest first. */
  list({ search, role, status, maxCredits, limit, offset }: ListUsersQuery): Promise<[UserEntity[], number]> {
    return this.users((users) => {
      const query = users.createQueryBuilder('user').orderBy('user.id', 'DESC').take(limit).skip(offset)
      if (role) query.andWhere('user.role = :role', { role })
      if (status) query.andWhere('user.status = :status', { status })
      if (maxCredits !== undefined) query.andWhere(HAS_AT_MOST, { maxCredits })
      if (search) {
        const conditions = SEARCHED.map((field) => `user.${field} ILIKE :pattern`)
        query.andWhere(`(${[...conditions, 'user.emailHash IN (:...hashes)'].join(' OR ')})`, {
          pattern: containsPattern(search),
          // A sealed email can be found whole only.
          hashes: this.hashesOf(search),
        })
      }
      return query.getManyAndCount()
    })
  }

  /** In the order of their ids. */
  search({ name, email, limit, offset }: SearchUsersQuery): Promise<[UserEntity[], number]> {
    return this.users((users) => {
      const query = users.createQueryBuilder('user').orderBy('user.id').take(limit).skip(offset)
      if (name) query.andWhere(`${BOTH_NAMES} ILIKE :pattern`, { pattern: containsPattern(name) })
      if (email) {
        // While emails are being encrypted some are sealed and some are not.
        query.andWhere('(lower(user.email) = lower(:email) OR user.emailHash IN (:...hashes))', {
          email,
          hashes: this.hashesOf(email),
        })
      }
      return query.getManyAndCount()
    })
  }

  /** False when there is no such user. */
  async update(id: string, changes: Partial<UserEntity>): Promise<boolean> {
    const { affected } = await this.users((users) =>
      users
        .createQueryBuilder()
        .update()
        .set({ ...changes, updatedAt: () => 'now()' })
        .where('id = :id AND deleted_at IS NULL', { id })
        .execute(),
    )
    return affected === 1
  }

  async softDelete(id: string, manager: EntityManager): Promise<boolean> {
    const { affected } = await manager.getRepository(UserEntity).softDelete(id)
    return affected === 1
  }

  count(): Promise<number> {
    return this.users((users) => users.count())
  }

  countSince(createdAt: Date): Promise<number> {
    return this.users((users) => users.countBy({ createdAt: MoreThanOrEqual(createdAt) }))
  }

  /** What the email's hash may be; never an empty list, which TypeORM refuses. */
  private hashesOf(email: string): (Buffer | null)[] {
    return [null, ...this.emails.hashesOf(email)]
  }

  private users<T>(work: (users: Repository<UserEntity>) => Promise<T>): Promise<T> {
    return this.database.entities(UserEntity, work)
  }
}
