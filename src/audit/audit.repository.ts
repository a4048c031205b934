import { Injectable } from '@nestjs/common'
import { conditionsOf } from '../database/conditions.js'
import { Database } from '../database/database.js'
import type { AuditEntry, AuditQuery } from './audit.dto.js'

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  async insert({ id, actor, action, target, details }: Omit<AuditEntry, 'at'>): Promise<void> {
    await this.database.query(
      'INSERT INTO audit_entries (id, actor, action, target, details) VALUES ($1, $2, $3, $4, $5)',
      [id, actor, action, target, details],
    )
  }

  /** Newest first. */
  async list(query: AuditQuery): Promise<{ rows: AuditEntry[]; total: number }> {
    const { where, values } = conditionsOf([
      ['actor =', query.actor],
      ['action =', query.action],
      ['target =', query.target],
      ['at >=', query.from],
      ['at <', query.to],
    ])
    const [rows, [count]] = await Promise.all([
      this.database.query<AuditEntry>(
        `SELECT id, actor, action, target, details, at FROM audit_entries ${where} ORDER BY seq DESC
         LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
        [...values, query.limit, query.offset],
      ),
      this.database.query<{ total: number }>(`SELECT count(*)::float8 AS total FROM audit_entries ${where}`, values),
    ])
    return { rows, total: count!.total }
  }
}
