import { Injectable } from '@nestjs/common'
import type { Readable } from 'node:stream'
import { Config } from '../config/config.js'
import { collect, Warehouse } from '../warehouse/warehouse.js'
import { toWarehouseError } from '../warehouse/warehouse-error-translation.js'
import type { CompiledQuestion } from './compiler.js'
import { wholeAnswerSettings, questionSettings } from './engine-settings.js'
import { countRows } from './row-count.js'

/** What the engine answered: a JSON array of objects as its own bytes, and what is known of it. */
export interface EngineAnswer {
  data: Buffer
  returned: number
  total: number | null
  rowsRead: number
}

/** Asks ClickHouse. Throws what Warehouse throws; an aborted signal stops the engine's work. */
@Injectable()
export class QueryEngine {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly config: Config,
  ) {}

  async answer(question: CompiledQuestion, signal: AbortSignal, queryId: string): Promise<EngineAnswer> {
    const { body, summary } = await this.warehouse.stream(question.sql, 'JSONEachRow', {
      params: question.params,
      settings: wholeAnswerSettings(this.config),
      signal,
      queryId,
    })
    const data = await collected(body, signal)
    const returned = countRows(data)
    const counted = question.wantsTotal ? await this.total(question, returned, signal) : { total: null, rowsRead: 0 }
    return { data, returned, total: counted.total, rowsRead: summary.readRows + counted.rowsRead }
  }

  /** The answer's bytes in another format, while the engine still works on it. */
  async export(question: CompiledQuestion, format: string, signal: AbortSignal, queryId: string): Promise<Readable> {
    const { body } = await this.warehouse.stream(question.sql, format, {
      params: question.params,
      settings: questionSettings(this.config),
      signal,
      queryId,
    })
    return body
  }

  /** How many rows the engine expects to look at. */
  async estimateRows({ sql, params }: CompiledQuestion): Promise<number> {
    const parts = await this.warehouse.query<{ rows: string }>(`EXPLAIN ESTIMATE ${sql}`, {
      params,
      settings: { ...wholeAnswerSettings(this.config), output_format_json_array_of_rows: 0 },
    })
    return parts.reduce((sum, { rows }) => sum + Number(rows), 0)
  }

  /** A page that is not full tells the total by itself. */
  private async total(question: CompiledQuestion, returned: number, signal: AbortSignal) {
    const { limit = Infinity, offset } = question
    if (returned < limit && (returned > 0 || offset === 0)) return { total: offset + returned, rowsRead: 0 }
    const { body, summary } = await this.warehouse.stream(question.totalSql, 'TabSeparated', {
      params: question.params,
      settings: wholeAnswerSettings(this.config),
      signal,
    })
    return { total: Number((await collected(body, signal)).toString()), rowsRead: summary.readRows }
  }
}

async function collected(body: Readable, signal: AbortSignal): Promise<Buffer> {
  try {
    return await collect(body)
  } catch (error) {
    throw toWarehouseError(error, signal)
  }
}
