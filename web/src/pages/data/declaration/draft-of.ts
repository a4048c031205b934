import type { Declaration, DatasetColumn, DatasetMeasure, DeclaredDataset } from './declarations'
import { newId, ROWS_ID, type Draft, type DraftColumn, type DraftMeasure, type Finding } from './draft'

/** What POST /v1/admin/datasets/infer answers. */
export interface Inference {
  dataset: Declaration
  columns: (Finding & { source: string; name: string | null })[]
}

/** A proposal, to be corrected. */
export function draftOf({ dataset, columns: found }: Inference): Draft {
  const findings = new Map(found.filter(({ name }) => name !== null).map((finding) => [finding.name, finding]))
  const draft = draftOfDeclaration(dataset)
  return {
    ...draft,
    columns: draft.columns.map((column) => ({ ...column, finding: findings.get(column.name) })),
    unusable: found
      .filter(({ name }) => name === null)
      .map(({ source, warnings }) => ({ source, reason: warnings.join(' ') })),
  }
}

/** A dataset that stands, to be changed. */
export function draftOfDeclaration(dataset: Declaration | DeclaredDataset): Draft {
  const { name, title = '', description = '', key = [], timeDimension, measures = [], fileOptions = {} } = dataset
  const columns = dataset.columns.map((column) => columnOf(column, key))
  const idOfColumn = idsByName(columns)
  return {
    ...{ name, title, description, columns, fileOptions, unusable: [] },
    measures: measuresOf(measures, idOfColumn),
    timeDimension: idOfColumn(timeDimension ?? ''),
  }
}

function columnOf(column: DatasetColumn, key: string[]): DraftColumn {
  const { name, source = '', title, type, required = false, scale, format = '', timezone = '', lowCardinality } = column
  return {
    ...{ id: newId(), name, source, title, type, required, scale, format, timezone, lowCardinality },
    ...{ isKey: key.includes(name), isIncluded: true },
  }
}

function measuresOf(measures: DatasetMeasure[], idOfColumn: (name: string) => string): DraftMeasure[] {
  const named = measures.map((measure) => ({ ...measure, id: newId() }))
  const idOfMeasure = (name: string) => (name === ROWS_ID ? ROWS_ID : idsByName(named)(name))
  return named.map(
    ({ id, name, title = '', type, column, by, level, numerator, denominator, description, filters }) => ({
      ...{ id, name, title, type, level, description, filters },
      column: idOfColumn(column ?? ''),
      by: idOfColumn(by ?? ''),
      numerator: idOfMeasure(numerator ?? ''),
      denominator: idOfMeasure(denominator ?? ''),
    }),
  )
}

function idsByName(all: { id: string; name: string }[]): (name: string) => string {
  return (name) => all.find((each) => each.name === name)?.id ?? ''
}
