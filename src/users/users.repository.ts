import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { type EntityManager, MoreThanOrEqual, Repository } from 'typeorm'
import type { ListUsersQuery } from './users.dto.js'
import { UserEntity } from './user.entity.js'

const SEARCHED = ['username', 'firstName', 'lastName', 'email'] as const

/** Accounts; the deleted ones are not found. */
@Injectable()
export class UsersRepository {
  constructor(@InjectRepository(UserEntity) private readonly users: Repository<UserEntity>) {}

  async insert(user: Partial<UserEntity>, manager: EntityManager): Promise<UserEntity> {
    const users = manager.getRepository(UserEntity)
    const entity = users.create(user)
    await users.insert(entity)
    return entity
  }

  find(id: string): Promise<UserEntity | null> {
    return this.users.findOneBy({ id })
  }

  /** In the order of creation, newest first. */
  list({ search, role, status, limit, offset }: ListUsersQuery): Promise<[UserEntity[], number]> {
    const query = this.users.createQueryBuilder('user').orderBy('user.id', 'DESC').take(limit).skip(offset)
    if (role) query.andWhere('user.role = :role', { role })
    if (status) query.andWhere('user.status = :status', { status })
    if (search) {
      const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
      query.andWhere(`(${SEARCHED.map((field) => `user.${field} ILIKE :pattern`).join(' OR ')})`, { pattern })
    }
    return query.getManyAndCount()
  }

  /** False when there is no such user. */
  async update(id: string, changes: Partial<UserEntity>): Promise<boolean> {
    const { affected } = await this.users
      .createQueryBuilder()
      .update()
      .set({ ...changes, updatedAt: () => 'now()' })
      .where('id = :id AND deleted_at IS NULL', { id })
      .execute()
    return affected === 1
  }

  async softDelete(id: string, manager: EntityManager): Promise<boolean> {
    const { affected } = await manager.getRepository(UserEntity).softDelete(id)
    return affected === 1
  }

  count(): Promise<number> {
    return this.users.count()
  }

  countSince(createdAt: Date): Promise<number> {
    return this.users.countBy({ createdAt: MoreThanOrEqual(createdAt) })
  }
}
