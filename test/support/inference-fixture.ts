import type { FileOptions } from '../../src/datasets/file-options.js'
import { analyze, type Analysis } from '../../src/ingestion/inference/analysis.js'
import { propose, type Proposal } from '../../src/ingestion/inference/proposal.js'
import type { Sample } from '../../src/ingestion/inference/sample-reader.js'
import type { SampleTable } from '../../src/ingestion/inference/sample-table.js'

interface More {
  options?: FileOptions
  hasSemicolons?: boolean
  fileName?: string
  table?: Partial<SampleTable>
}

/** For specs: what is inferred of a table, given as its columns by header. */
export async function inferredFrom(
  columns: Record<string, string[]>,
  { options = {}, hasSemicolons = false, fileName = 'file.csv', table: more }: More = {},
): Promise<Proposal & { analysis: Analysis }> {
  const header = Object.keys(columns)
  const table: SampleTable = {
    header,
    columns: Object.values(columns),
    rows: Object.values(columns)[0]?.length ?? 0,
    isCut: false,
    leftOut: 0,
    numericFields: new Set(),
    doubleFields: new Set(),
    structuredFields: new Set(),
    unread: [],
    ...more,
  }
  const sample: Sample = { table, format: 'csv', options, hasSemicolons }
  const analysis = await analyze(sample, [...header.keys()])
  return { ...propose(table, analysis, fileName), analysis }
}

/** So many texts, each made from its number. */
export function rows(count: number, text: (row: number) => string): string[] {
  return Array.from({ length: count }, (_, row) => text(row))
}
