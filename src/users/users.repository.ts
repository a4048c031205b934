import { Injectable } from '@nestjs/common'
import { type EntityManager, MoreThanOrEqual, type Repository } from 'typeorm'
import { Database } from '../database/database.js'
import type { ListUsersQuery } from './users.dto.js'
import { UserEmails } from './user-emails.js'
import { UserEntity } from './user.entity.js'

const SEARCHED = ['username', 'firstName', 'lastName', 'email'] as const

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

  /** In the order of creation, newest first. */
  list({ search, role, status, limit, offset }: ListUsersQuery): Promise<[UserEntity[], number]> {
    return this.users((users) => {
      const query = users.createQueryBuilder('user').orderBy('user.id', 'DESC').take(limit).skip(offset)
      if (role) query.andWhere('user.role = :role', { role })
      if (status) query.andWhere('user.status = :status', { status })
      if (search) {
        const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
        const conditions = SEARCHED.map((field) => `user.${field} ILIKE :pattern`)
        query.andWhere(`(${[...conditions, 'user.emailHash IN (:...hashes)'].join(' OR ')})`, {
          pattern,
          // A sealed email can be found whole only. TypeORM refuses an empty list.
          hashes: [null, ...this.emails.hashesOf(search)],
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

  private users<T>(work: (users: Repository<UserEntity>) => Promise<T>): Promise<T> {
    return this.database.entities(UserEntity, work)
  }
}
