import { Injectable } from '@nestjs/common'
import { MAX_COLUMNS } from '../../datasets/declared/declaration.js'
import { comparable } from '../../common/comparable-name.js'
import { ClickHouseTimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import type { Upload } from '../uploads/upload.js'
import { readFileOptions, refuseUnfitOptions } from '../uploads/upload-file-options.js'
import { analyze } from './analysis.js'
import { examplesOf } from './column-values.js'
import { withMissingHeader } from './header-row.js'
import { isDeclarable } from './names.js'
import { propose, type InferredColumn, type Proposal } from './proposal.js'
import { SampleReader } from './sample-reader.js'
import type { SampleTable } from './sample-table.js'

const MAX_UNREAD = 100

/** Proposes a declaration for the table that a file holds. Nothing is kept of the file. */
@Injectable()
export class InferenceService {
  constructor(
    private readonly samples: SampleReader,
    private readonly timeZones: ClickHouseTimeZones,
  ) {}

  /** Throws AppError: VALIDATION_FAILED or UNSUPPORTED_FORMAT for a file that cannot be read, as a load of it would say. */
  async infer(upload: Upload): Promise<Proposal> {
    const { given } = readFileOptions(upload.options, {}, this.timeZones)
    refuseUnfitOptions(upload.format, given)
    const sample = await this.samples.read(upload, given)
    const { table } = sample
    const left = leftOutFields(table)
    const fields = table.columns.flatMap((_, field) => (left.has(field) ? [] : [field]))
    const proposal = propose(table, await analyze(sample, fields), upload.fileName)
    const isOfLines = sample.format === 'csv' || sample.format === 'tsv'
    const columns = isOfLines ? withMissingHeader(proposal.columns) : proposal.columns
    return { ...proposal, columns: [...columns, ...unusable(table, left)] }
  }
}

/** Fields that no column can be declared of, and why. */
function leftOutFields({ header, structuredFields }: SampleTable): Map<number, string> {
  const left = new Map<number, string>()
  const times = new Map<string, number>()
  for (const name of header) times.set(comparable(name), (times.get(comparable(name)) ?? 0) + 1)
  let used = 0
  for (const [field, name] of header.entries()) {
    const reason = reasonOf(name, times.get(comparable(name))!, structuredFields.has(field), used)
    if (reason === undefined) used++
    else left.set(field, reason)
  }
  return left
}

function reasonOf(name: string, times: number, isStructured: boolean, used: number): string | undefined {
  if (name.trim() === '') return 'Has no header and is left out: give it one to load it.'
  if (!isDeclarable(name)) return 'Its header is too long or has control characters: rename it to load it.'
  if (times > 1)
    return `The header has "${name}" ${times} times (case, blanks, _ and - do not count): rename them to load them.`
  if (isStructured) return 'Holds lists or objects and is left out: only plain values are loaded.'
  if (used >= MAX_COLUMNS) return `Is left out: a dataset has at most ${MAX_COLUMNS} columns.`
  return undefined
}

function unusable({ header, columns, unread }: SampleTable, left: Map<number, string>): InferredColumn[] {
  const none = { name: null, type: 'text' as const, confidence: 0 }
  const fields = [...left].map(([field, reason]) => {
    const texts = columns[field] ?? []
    return {
      ...none,
      source: header[field]!,
      nulls: texts.filter((text) => text === '').length,
      examples: examplesOf(new Set(texts.filter((text) => text !== '').slice(0, 100))),
      warnings: [reason],
    }
  })
  const others = unread.slice(0, MAX_UNREAD).map(({ name, holds }) => {
    return { ...none, source: name, nulls: 0, examples: [], warnings: [`Holds ${holds} and is left out.`] }
  })
  return [...fields, ...others]
}
