import { Injectable } from '@nestjs/common'
import type { RecordSource } from '../formats/record-source.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { sqlText } from '../mapping/sql-text.js'
import { IngestionAttemptsRepository, type ChunkResult } from './ingestion-attempts.repository.js'
import { RejectsRepository } from './rejects.repository.js'
import { DECIMAL_COMMA } from '../mapping/number-format.js'
import { fieldsOfSource, type ResolvedMapping } from '../mapping/source-header.js'
import { StagingService, type StagingPlan } from './staging.service.js'
import type { IngestionWarning } from '../warning.js'

const MAX_EXAMPLES = 3
/** of the rows */
const MOST = 0.9
const MAX_NAMES = 10
const MAX_NAME_CHARACTERS = 100

/** Finds what looks wrong in a file that was loaded, before its rows become visible. */
@Injectable()
export class LoadWarnings {
  constructor(
    private readonly attempts: IngestionAttemptsRepository,
    private readonly rejects: RejectsRepository,
    private readonly staging: StagingService,
  ) {}

  async find(
    { job, plan, sources }: { job: IngestionEntity; plan: StagingPlan; sources: ResolvedMapping },
    records: RecordSource,
  ): Promise<IngestionWarning[]> {
    const chunks = await this.attempts.findChunks(job.id)
    return [
      ...(await this.mostlyRejected(job, chunks)),
      ...(await this.decimalCommas(job, plan, chunks)),
      ...(await this.ambiguousDates(plan)),
      ...unknownColumns(records, sources),
      ...(await this.emptyColumns(plan, sources, records)),
    ]
  }

  /** Rejected values with a comma beside such with a point that may be one of thousands. */
  private async decimalCommas(
    { id }: IngestionEntity,
    { transform }: StagingPlan,
    chunks: ChunkResult[],
  ): Promise<IngestionWarning[]> {
    if (transform.ambiguousColumns.length === 0) return []
    if (!chunks.some(({ rowsRejected }) => rowsRejected > 0)) return []
    const ambiguousValues = new Map(chunks.flatMap((chunk) => Object.entries(chunk.ambiguousValues)))
    const rejected = await this.rejects.findValues(id, DECIMAL_COMMA, MAX_EXAMPLES)
    return transform.ambiguousColumns.flatMap((column) => {
      const commas = rejected.get(column) ?? []
      const doubt = ambiguousValues.get(column)
      if (commas.length === 0 || (doubt === undefined && !commas[0]!.includes('.'))) return []
      return [decimalComma(column, commas, doubt)]
    })
  }

  private async mostlyRejected({ id }: IngestionEntity, chunks: ChunkResult[]): Promise<IngestionWarning[]> {
    const read = chunks.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
    const rejected = chunks.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0)
    if (rejected === 0 || rejected < read * MOST) return []
    const reasons = await this.rejects.findFrequentReasons(id, MAX_EXAMPLES)
    return [
      {
        code: 'MOSTLY_REJECTED',
        column: null,
        message:
          `${rejected} of ${read} rows were rejected. If that is not what you expect, delete this load, see ` +
          'GET /v1/ingestions/:id/rejects, and load the file again with options or a mapping that fit it.',
        examples: reasons.map(({ reason, rows }) => `${reason} (${rows} ${rows === 1 ? 'row' : 'rows'})`),
      },
    ]
  }

  /**
   * Of every loaded value both numbers are at most 12, so the other reading would fit as well. The month always is; the day
   * tells, as long as there is a value that is not the same both ways.
   */
  private async ambiguousDates(plan: StagingPlan): Promise<IngestionWarning[]> {
    const { swappableDates } = plan.transform
    const conditions = swappableDates.flatMap(({ member, timezone }) => {
      const value = timezone ? `toTimeZone(${identifier(member)}, ${sqlText(timezone)})` : identifier(member)
      const day = `toDayOfMonth(${value})`
      // A date that is not set is NULL, or 1970-01-01 where the table holds none.
      return [`${day} > 12`, `${day} != toMonth(${value})`]
    })
    const found = await this.staging.findAny(plan, conditions)
    return swappableDates
      .filter((_dates, at) => !found[2 * at] && found[2 * at + 1])
      .map(({ column, format }) => ({
        code: 'AMBIGUOUS_DATES',
        column,
        message:
          `${column}: no date that was loaded has a day after the 12th, so the file may as well be written with day and month ` +
          `the other way around than "${format}". If it is, delete this load and load the file again with the other dateFormat.`,
        examples: [],
      }))
  }

  /** Only of types that hold the absence of a value: a number that is left out is 0. */
  private async emptyColumns(
    plan: StagingPlan,
    sources: ResolvedMapping,
    { header, ownFields = header.length }: RecordSource,
  ): Promise<IngestionWarning[]> {
    const columns = plan.dataset.columns.filter(({ column, type, nullable }) => {
      const source = sources.get(column)
      return source?.kind === 'field' && source.field < ownFields && (type === 'text' || nullable)
    })
    const empty = await this.staging.findEmpty(plan, columns)
    return empty.map(({ column }) => ({
      code: 'ALL_EMPTY',
      column,
      message: `${column}: no row that was loaded has a value. If the file has them, "mapping" may name another column for it.`,
      examples: [],
    }))
  }
}

function decimalComma(column: string, commas: string[], doubt: string | undefined): IngestionWarning {
  const read = doubt === undefined ? '' : `, while ${doubt} was read as a decimal number, with a point`
  return {
    code: 'DECIMAL_COMMA',
    column,
    message:
      `${column}: values with a comma were rejected${read}. If the comma stands before the decimals, delete this load and load the file ` +
      'again with decimalSeparator="," and thousandsSeparator="." (options of the API and the command line: --decimal-separator, ' +
      '--thousands-separator).',
    examples: [...commas.slice(0, MAX_EXAMPLES), ...(doubt === undefined ? [] : [doubt])],
  }
}

function unknownColumns({ header, ownFields }: RecordSource, sources: ResolvedMapping): IngestionWarning[] {
  const used = new Set([...sources.values()].flatMap(fieldsOfSource))
  const unknown = header.slice(0, ownFields).filter((name, field) => name.trim() !== '' && !used.has(field))
  if (unknown.length === 0) return []
  const names = unknown.slice(0, MAX_NAMES).map((name) => name.slice(0, MAX_NAME_CHARACTERS))
  const more = unknown.length > MAX_NAMES ? ` and ${unknown.length - MAX_NAMES} more` : ''
  return [
    {
      code: 'UNKNOWN_COLUMNS',
      column: null,
      message: `No column of the dataset takes these of the file: ${names.join(', ')}${more}. "mapping" can name them.`,
      examples: names,
    },
  ]
}
