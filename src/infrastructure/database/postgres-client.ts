import pg from 'pg'

/**
 * A connection that may break between two statements, or in the very read that opened it, without ending the process:
 * `pg` tells of that by an `error` event, which without a listener is an uncaught exception. The next statement fails.
 */
export class PostgresClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on('error', () => undefined)
  }
}
