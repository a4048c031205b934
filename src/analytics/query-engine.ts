import { Injectable } from '@nestjs/common'
import type { Readable } from 'node:stream'
import { Config } from '../config/config.js'
import { TableReads, type TableReading } from '../datasets/table-reads.js'
import { Warehouse, type WarehouseSummary } from '../warehouse/warehouse.js'
import type { CompiledQuestion, Statements } from './compiler.js'
import { withDeadline } from './deadline.js'
import { exportSettings, wholeAnswerSettings } from './engine-settings.js'

/** What the engine answered: a JSON array of objects as its own bytes, and what is known of it. */
export interface EngineAnswer {
  data: Buffer
  returned: number
  total: number | null
  rowsRead: number
}

/** The rows as a JSON array, how many they are, and how many rows the engine looked at for them. */
interface EngineResult {
  data: Buffer
  rows: number
  rowsRead: number
}

/** Asks ClickHouse. Throws what Warehouse throws; an aborted signal stops the engine's work. */
@Injectable()
export class QueryEngine {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly reads: TableReads,
    private readonly config: Config,
  ) {}

  async answer(question: CompiledQuestion, signal: AbortSignal, queryId: string): Promise<EngineAnswer> {
    return withDeadline(this.config.queryTimeoutSeconds, signal, (ending) =>
      this.answerBefore(question, ending, queryId),
    )
  }

  /** The answer's bytes in another format, while the engine still works on it. */
  async export(question: CompiledQuestion, format: string, signal: AbortSignal, queryId: string): Promise<Readable> {
    const settings = exportSettings(this.config, question.columns.length)
    return this.reads.read(question.dataset, (reading) =>
      this.warehouse.stream(statementsOf(question, reading).sql, format, {
        params: question.params,
        settings: { ...settings, ...reading.settings },
        silenceMs: this.config.queryTimeoutSeconds * 1000,
        signal,
        queryId: idOf(reading, queryId),
      }),
    )
  }

  private async answerBefore(question: CompiledQuestion, signal: AbortSignal, queryId: string): Promise<EngineAnswer> {
    const { data, rows, rowsRead } = await this.ask('sql', question, signal, queryId)
    const counted = question.wantsTotal ? await this.total(question, rows, signal) : { total: null, rowsRead: 0 }
    return { data, returned: rows, total: counted.total, rowsRead: rowsRead + counted.rowsRead }
  }

  /** How many rows the engine expects to look at. */
  async estimateRows({ sql, params }: CompiledQuestion): Promise<number> {
    const parts = await this.warehouse.query<{ rows: string }>(`EXPLAIN ESTIMATE ${sql}`, {
      params,
      settings: wholeAnswerSettings(this.config),
    })
    return parts.reduce((sum, { rows }) => sum + Number(rows), 0)
  }

  /** A page that is not full tells the total by itself. */
  private async total(question: CompiledQuestion, returned: number, signal: AbortSignal) {
    const { limit = Infinity, offset } = question
    if (returned < limit && (returned > 0 || offset === 0)) return { total: offset + returned, rowsRead: 0 }
    const { data, rowsRead } = await this.ask('totalSql', question, signal)
    const [row] = JSON.parse(data.toString()) as { total: number }[]
    return { total: row!.total, rowsRead }
  }

  private ask(
    statement: keyof Statements,
    question: CompiledQuestion,
    signal: AbortSignal,
    queryId?: string,
  ): Promise<EngineResult> {
    const settings = { ...wholeAnswerSettings(this.config), output_format_json_array_of_rows: 1 as const }
    return this.reads.read(question.dataset, async (reading) => {
      const { data, summary } = await this.warehouse.answer(statementsOf(question, reading)[statement], 'JSONEachRow', {
        params: question.params,
        settings: { ...settings, ...reading.settings },
        signal,
        queryId: idOf(reading, queryId),
      })
      return { data, rows: summary.resultRows, rowsRead: rowsReadOf(summary, reading) }
    })
  }
}

function statementsOf(question: CompiledQuestion, { isPlain }: TableReading): Statements {
  return isPlain ? question.plain : question
}

/** A plain read also looks at the table's parts, which the engine counts as rows that it read. */
function rowsReadOf({ readRows, rowsToRead }: WarehouseSummary, { isPlain }: TableReading): number {
  return isPlain ? Math.min(readRows, rowsToRead) : readRows
}

/** The engine may still know the first read under its id when the second begins. */
function idOf({ isSecond }: TableReading, queryId: string | undefined): string | undefined {
  return queryId && isSecond ? `${queryId}-2` : queryId
}
