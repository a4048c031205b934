import { Engine, EngineSession } from './engine.js'
import { EngineResult, EngineWriteResult } from './engine-addon.js'
import { killOnAbort, nextMark } from './query-cancellation.js'
import { QueryRequest } from './query-request.js'
import { ResultPipe, ResultPipes } from './result-pipes.js'
import { RowSpool } from './row-spool.js'
import { sessionPrologue } from './session-prologue.js'
import { Slots } from './slots.js'
import { InsertWithData, SelectStatement } from './sql-statement.js'

const DEFAULT_FORMAT = 'TabSeparated'

/** A session with everything set for one request, and how to end it early. */
interface PreparedSession {
  session: EngineSession
  /** Runs the statement; when the client goes away it is killed and the promise rejects. */
  run: <T>(start: (mark: string) => Promise<T>) => Promise<T>
}

/** A running SELECT: its bytes as they come. `done` settles behind the last of them. */
export interface StreamedResult {
  output: AsyncIterable<Uint8Array>
  done: Promise<EngineResult>
}

/** Runs requests on the engine, at most `slots` at a time. */
export class QueryRunner {
  private readonly slots: Slots
  private readonly pipes: ResultPipes
  private readonly spool: RowSpool

  constructor(
    private readonly engine: Engine,
    workFolder: string,
    slots: number,
  ) {
    this.slots = new Slots(slots)
    this.pipes = new ResultPipes(workFolder, slots)
    this.spool = new RowSpool(workFolder)
  }

  /** The format of the answer to this request. */
  formatOf({ parameters, statement }: QueryRequest): string {
    const asked = statement.kind === 'select' || statement.kind === 'other' ? statement.format : undefined
    return asked ?? parameters.defaultFormat ?? DEFAULT_FORMAT
  }

  /** Runs a statement and gives its whole result. */
  async read(request: QueryRequest, sql: string, signal: AbortSignal): Promise<EngineResult> {
    return this.withSession(request, signal, ({ session, run }) =>
      run((mark) => session.read(`${mark} ${sql}`, this.formatOf(request))),
    )
  }

  /** Runs an INSERT without data of its own, or one whose rows are in the request. */
  async write(request: QueryRequest, signal: AbortSignal): Promise<EngineWriteResult> {
    const { statement } = request
    if (statement.kind === 'insert-with-data') return this.writeRows(request, statement, signal)
    if (statement.kind !== 'write') throw new Error(`Not a write: ${statement.kind}`)
    return this.withSession(request, signal, ({ session, run }) =>
      run((mark) => session.write(`${mark} ${statement.sql}`)),
    )
  }

  /** Runs a SELECT while `consume` takes its bytes. */
  async stream<T>(
    request: QueryRequest,
    statement: SelectStatement,
    signal: AbortSignal,
    consume: (result: StreamedResult) => Promise<T>,
  ): Promise<T> {
    return this.withSession(request, signal, async ({ session, run }) => {
      const pipe = this.pipes.open()
      signal.addEventListener('abort', () => pipe.discard(), { once: true })
      const sql = this.intoPipe(request, statement, pipe)
      const done = run((mark) => session.read(`${mark} ${sql}`)).finally(() => pipe.finish())
      // It may fail before anybody awaits it.
      done.catch(() => undefined)
      try {
        return await consume({ output: pipe.output as AsyncIterable<Uint8Array>, done })
      } finally {
        pipe.discard()
        await done.catch(() => undefined)
        pipe.release()
      }
    })
  }

  // The line breaks matter: the statement's own text may end in a comment.
  private intoPipe(request: QueryRequest, { head, tail }: SelectStatement, pipe: ResultPipe): string {
    const format = tail === '' ? `FORMAT ${this.formatOf(request)}` : tail
    return `${head}\nINTO OUTFILE '${pipe.name}' APPEND COMPRESSION 'none'\n${format}`
  }

  private async writeRows(
    request: QueryRequest,
    statement: InsertWithData,
    signal: AbortSignal,
  ): Promise<EngineWriteResult> {
    // Before a slot is taken: a slow upload must not keep others from the engine.
    const file = await this.spool.write(request.rows)
    const sql = `${statement.head}\nFROM INFILE '${file}' COMPRESSION 'none'\n${statement.tail}`
    try {
      return await this.withSession(request, signal, ({ session, run }) =>
        run((mark) => session.write(`${mark} ${sql}`)),
      )
    } finally {
      await this.spool.remove(file)
    }
  }

  private async withSession<T>(
    request: QueryRequest,
    signal: AbortSignal,
    work: (prepared: PreparedSession) => Promise<T>,
  ): Promise<T> {
    const giveBack = await this.slots.take(signal)
    const session = this.engine.openSession()
    try {
      for (const statement of sessionPrologue(request.parameters)) session.prepare(statement)
      const mark = nextMark()
      return await work({ session, run: (start) => killOnAbort(this.engine, mark, signal, start(mark)) })
    } finally {
      session.close()
      giveBack()
    }
  }
}
