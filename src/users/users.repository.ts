import { Injectable } from '@nestjs/common'
import { IsNull, MoreThanOrEqual } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import type { Page } from '../common/pagination.dto.js'
import { containsPattern } from '../infrastructure/database/contains-pattern.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import type { ListUsersQuery, SearchUsersQuery } from './users.dto.js'
import { UserEmails } from './user-emails.js'
import { UserEntity } from './user.entity.js'

const SEARCHED = ['username', 'firstName', 'lastName', 'email'] as const

/** As the index `users_names_trgm` has it; the line break keeps a search from running over from one name into the other. */
const BOTH_NAMES = `(coalesce(user.first_name, '') || E'\\n' || coalesce(user.last_name, ''))`

/** The account of credits is the ledger's; which users to show is asked of both at once, or pages would have holes. */
const HAS_AT_MOST = 'EXISTS (SELECT FROM credit_accounts a WHERE a.user_id = user.id AND a.balance <= :maxCredits)'

/** Accounts; the deleted ones are not found. */
@Injectable()
export class UsersRepository extends EntityRepository<UserEntity> {
  constructor(
    database: Database,
    private readonly emails: UserEmails,
  ) {
    super(database, UserEntity)
  }

  /** The account that a file of users brought under this id. */
  async idOfExternal(externalId: string): Promise<string | undefined> {
    const user = await this.rows.findOne({ select: { id: true }, where: { externalId } })
    return user?.id
  }

  /** In the order of creation, newest first. */
  list(filter: ListUsersQuery): Promise<Page<UserEntity>> {
    const { search, role, status, maxCredits } = filter
    const query = this.rows.createQueryBuilder('user').orderBy('user.id', 'DESC')
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
    return this.page(query, filter)
  }

  /** In the order of their ids. */
  search(filter: SearchUsersQuery): Promise<Page<UserEntity>> {
    const { name, email } = filter
    const query = this.rows.createQueryBuilder('user').orderBy('user.id')
    if (name) query.andWhere(`${BOTH_NAMES} ILIKE :pattern`, { pattern: containsPattern(name) })
    if (email) {
      // While emails are being encrypted some are sealed and some are not.
      query.andWhere('(lower(user.email) = lower(:email) OR user.emailHash IN (:...hashes))', {
        email,
        hashes: this.hashesOf(email),
      })
    }
    return this.page(query, filter)
  }

  /** The user as it was, whom nobody else changes until the transaction ends. */
  lock(id: string): Promise<UserEntity | null> {
    return this.rows.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } })
  }

  override async update(id: string, changes: QueryDeepPartialEntity<UserEntity>): Promise<UserEntity | null> {
    await this.rows.update({ id, deletedAt: IsNull() }, changes)
    return this.find(id)
  }

  /** Softly: the row stays, for its ledger. */
  override async remove(id: string): Promise<boolean> {
    const { affected } = await this.rows.softDelete({ id, deletedAt: IsNull() })
    return affected === 1
  }

  count(): Promise<number> {
    return this.rows.count()
  }

  countSince(createdAt: Date): Promise<number> {
    return this.rows.countBy({ createdAt: MoreThanOrEqual(createdAt) })
  }

  /** What the email's hash may be; never an empty list, which TypeORM refuses. */
  private hashesOf(email: string): (Buffer | null)[] {
    return [null, ...this.emails.hashesOf(email)]
  }
}
