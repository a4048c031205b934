import { Injectable } from '@nestjs/common'
import { In, LessThanOrEqual, MoreThan, type Repository } from 'typeorm'
import { Database } from '../../infrastructure/database/database.js'
import { SessionEntity } from './session.entity.js'

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  /** Also ends the sessions of the same key beyond the newest `keep`. */
  async insert(session: Pick<SessionEntity, 'hash' | 'keyHash' | 'expiresAt'>, keep: number): Promise<void> {
    const surplus = await this.sessions.find({
      select: { hash: true },
      where: { keyHash: session.keyHash },
      order: { createdAt: 'DESC' },
      skip: keep - 1,
    })
    if (surplus.length > 0) await this.sessions.delete({ hash: In(surplus.map(({ hash }) => hash)) })
    await this.sessions.insert(session)
  }

  /** Of the key behind a live session. */
  async keyHashOf(hash: string): Promise<string | undefined> {
    const session = await this.sessions.findOneBy({ hash, expiresAt: MoreThan(new Date()) })
    return session?.keyHash
  }

  async delete(hash: string): Promise<void> {
    await this.sessions.delete({ hash })
  }

  async deleteExpired(): Promise<void> {
    await this.sessions.delete({ expiresAt: LessThanOrEqual(new Date()) })
  }

  private get sessions(): Repository<SessionEntity> {
    return this.database.repository(SessionEntity)
  }
}
