import { DataSource, type QueryRunner, type ReplicationMode } from 'typeorm'
import { translated } from './database-errors.js'

type Statement = (...statement: unknown[]) => Promise<unknown>

/**
 * A DataSource whose query runners, which every statement of TypeORM goes through, send one statement after the other
 * (a connection runs one at a time, also where callers ask side by side) and translate the failures of a connection.
 */
export class PostgresDataSource extends DataSource {
  override createQueryRunner(mode?: ReplicationMode): QueryRunner {
    const runner = super.createQueryRunner(mode)
    const query = runner.query.bind(runner) as Statement
    let previous: Promise<unknown> = Promise.resolve()
    const inTurn: Statement = (...statement) => {
      const result = previous.then(() => translated(() => query(...statement)))
      previous = result.catch(() => undefined)
      return result
    }
    runner.query = inTurn as QueryRunner['query']
    return runner
  }
}
