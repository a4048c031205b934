import type pg from 'pg'
import { expect } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { SERVER_SETTINGS } from '../../src/infrastructure/embedded/postgres/postgres-server.js'
import { startPostgres, type TestPostgres } from './postgres.js'
import { until } from './until.js'

/** A node of a plan as EXPLAIN (FORMAT JSON, ANALYZE) prints it. */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  Plans?: PlanNode[]
}

/** A statement as it was executed. */
export interface Execution {
  sql: string
  /** of its plan, all levels */
  nodes: PlanNode[]
}

const LOG_PLANS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
  log_line_prefix: '',
}

/** A PostgreSQL with the settings of the embedded one that logs the plan of every statement it executes. */
export class PlannedPostgres {
  private marks = 0

  private constructor(
    private readonly server: TestPostgres,
    /** for the test's own statements */
    readonly client: pg.Client,
    private readonly log: string[],
  ) {}

  static async start(): Promise<PlannedPostgres> {
    const log: string[] = []
    const settings = { ...SERVER_SETTINGS, ...LOG_PLANS }
    const server = await startPostgres([], { settings, onLog: (line) => log.push(line) })
    const client = new PostgresClient({ connectionString: server.url })
    await client.connect()
    return new PlannedPostgres(server, client, log)
  }

  get url(): string {
    return this.server.url
  }

  async stop(): Promise<void> {
    await this.client.end()
    await this.server.stop()
  }

  /** The statements with this text, whoever sent them, until `work` has ended. */
  async during(text: RegExp, work: () => Promise<unknown>): Promise<Execution[]> {
    const from = await this.mark()
    await work()
    const to = await this.mark()
    return executionsIn(this.log.slice(from, to)).filter(({ sql }) => text.test(sql))
  }

  /** The end of the log, with all that was answered before. */
  private async mark(): Promise<number> {
    const text = `mark ${++this.marks}`
    await this.client.query(`SELECT '${text}'`)
    await until(() => Promise.resolve(expect(this.log.some((line) => line.includes(`'${text}'`))).toBe(true)))
    return this.log.length
  }
}

/** An entry goes on in lines that begin with a tab. */
function executionsIn(log: string[]): Execution[] {
  return log
    .join('\n')
    .replaceAll('\n\t', '')
    .split('\n')
    .flatMap((entry) => /^LOG: {2}duration: \S+ ms {2}plan:(.*)$/.exec(entry)?.[1] ?? [])
    .map((json) => JSON.parse(json) as { 'Query Text': string; Plan: PlanNode })
    .map((logged) => ({ sql: logged['Query Text'], nodes: withChildren(logged.Plan) }))
}

function withChildren(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withChildren)]
}
