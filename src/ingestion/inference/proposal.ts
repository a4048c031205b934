import type { ColumnType } from '../../datasets/dataset-definition.js'
import type { DeclaredColumn } from '../../datasets/declared/declaration.js'
import type { FileOptions } from '../../datasets/file-options.js'
import { MAX_TEXT_CHARACTERS } from '../mapping/column-transform.js'
import type { Analysis, AnalyzedColumn } from './analysis.js'
import { examplesOf } from './column-values.js'
import { meaningOf } from './header-words.js'
import { findKey } from './key-search.js'
import { proposeMeasures, type ProposedMeasure } from './measure-proposals.js'
import { columnNames, datasetName, sourceOf, titleOf } from './names.js'
import type { ProposedColumn } from './proposed-column.js'
import type { SampleTable } from './sample-table.js'

/** A declaration to POST. */
export interface ProposedDataset {
  name: string
  title: string
  columns: DeclaredColumn[]
  key?: string[]
  timeDimension?: string
  measures: ProposedMeasure[]
  fileOptions?: FileOptions
}

/** What was found in one column of the file. */
export interface InferredColumn {
  source: string
  /** null: it is left out of the declaration */
  name: string | null
  type: ColumnType
  confidence: number
  nulls: number
  examples: string[]
  warnings: string[]
}

export interface Proposal {
  dataset: ProposedDataset
  fileOptions: FileOptions
  columns: InferredColumn[]
}

const LOW_CARDINALITY = { rows: 1_000, values: 1_000, repeated: 10 }
const SMALL_SET = { rows: 100, values: 20 }
const TIME_NAMES = /(^|_)(date|time|timestamp|datetime|created|ordered|at|datum|ts|day|buchungstag)($|_)|date$|time$/
const LATER_TIMES =
  /(^|_)(updated|modified|shipped|ship|delivered|due|end|until|expires|expiry|birth|birthday|dob|closed|deleted|valuta|value)(_|$)/

/** A declaration, and what speaks for it and against it. */
export function propose(table: SampleTable, analysis: Analysis, fileName: string | null): Proposal {
  const columns = proposedColumns(analysis)
  const key = findKey(columns, table.columns)
  const time = timeDimensionOf(columns)
  const name = datasetName(fileName)
  const fileOptions = analysis.options
  const hasOptions = Object.keys(fileOptions).length > 0
  const dataset: ProposedDataset = {
    name,
    title: titleOf(name, name),
    columns: columns.map((column) => declared(column, key.includes(column) || column === time, fileOptions)),
    ...(key.length > 0 && { key: key.map((column) => column.name) }),
    ...(time && { timeDimension: time.name }),
    measures: proposeMeasures(columns, key),
    ...(hasOptions && { fileOptions }),
  }
  return { dataset, fileOptions, columns: described(columns, key, table) }
}

function proposedColumns({ columns }: Analysis): ProposedColumn[] {
  const names = columnNames(columns.map(({ values }) => values.header))
  return columns.map(({ values, found, nulls }: AnalyzedColumn, at) => ({
    ...found,
    values,
    nulls,
    name: names[at]!,
    title: titleOf(values.header, names[at]!),
    distinct: values.counts.size,
    meaning: meaningOf(values.header),
  }))
}

function declared(column: ProposedColumn, isNeeded: boolean, { timezone }: FileOptions): DeclaredColumn {
  const { name, title, type, scale, format, values, nulls } = column
  return {
    name,
    source: sourceOf(values.header),
    title,
    type,
    required: isNeeded && nulls === 0,
    ...(scale !== undefined && { scale }),
    ...(format !== undefined && { format }),
    ...(type === 'timestamp' && timezone !== undefined && { timezone }),
    ...(isLowCardinality(column) && { lowCardinality: true }),
  }
}

function isLowCardinality({ type, distinct, values: { rows } }: ProposedColumn): boolean {
  if (type !== 'text' || distinct === 0) return false
  const { rows: manyRows, values, repeated } = LOW_CARDINALITY
  if (rows >= manyRows && distinct <= values && rows >= distinct * repeated) return true
  return rows >= SMALL_SET.rows && distinct <= SMALL_SET.values
}

/** The time that a row is of: not when it was changed or is due. */
function timeDimensionOf(columns: ProposedColumn[]): ProposedColumn | undefined {
  const times = columns.filter(({ type, distinct }) => (type === 'date' || type === 'timestamp') && distinct > 0)
  const score = ({ name, nulls }: ProposedColumn): number =>
    (nulls === 0 ? 4 : 0) + (LATER_TIMES.test(name) ? 0 : 2) + (TIME_NAMES.test(name) ? 1 : 0)
  return times.reduce<ProposedColumn | undefined>(
    (best, column) => (best === undefined || score(column) > score(best) ? column : best),
    undefined,
  )
}

function described(columns: ProposedColumn[], key: ProposedColumn[], table: SampleTable): InferredColumn[] {
  return columns.map((column, at) => {
    const { values, name, type, confidence, nulls } = column
    const isGuess = key.includes(column) && table.isCut
    return {
      source: values.header,
      name,
      type,
      confidence: Math.round((isGuess ? confidence * 0.8 : confidence) * 100) / 100,
      nulls,
      examples: examplesOf(values.counts.keys()),
      warnings: [
        ...(at === 0 ? ofTable(table) : []),
        ...column.warnings,
        ...(isGuess ? [GUESSED_KEY] : []),
        ...ofLength(column),
      ],
    }
  })
}

const GUESSED_KEY =
  'Its values are unique in the sample, which is not the whole file: a key that repeats later replaces rows. Take it out of "key" if they are not unique.'

function ofTable({ leftOut, leftOutReason, rows }: SampleTable): string[] {
  if (leftOut === 0) return []
  const records = leftOut === 1 ? '1 record' : `${leftOut} records`
  const were = leftOut === 1 ? 'was left out, because it is no row' : 'were left out, because they are no rows'
  return [`${records} of ${leftOut + rows} ${were} of this table (${leftOutReason}).`]
}

function ofLength({ type, values }: ProposedColumn): string[] {
  if (type !== 'text' || values.longest <= MAX_TEXT_CHARACTERS) return []
  return [
    `Has values of up to ${values.longest} characters; rows with more than ${MAX_TEXT_CHARACTERS} will be rejected.`,
  ]
}
