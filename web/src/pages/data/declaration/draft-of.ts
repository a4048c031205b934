import { withMembers, type Filter } from '../../../filters/filter'
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
  const {
    name,
    title = '',
    description = '',
    key = [],
    timeDimension,
    measures = [],
    price,
    fileOptions = {},
  } = dataset
  const columns = dataset.columns.map((column) => columnOf(column, key))
  const idOfColumn = idsByName(columns)
  return {
    ...{ name, title, description, columns, price: price ?? {}, fileOptions, unusable: [] },
    measures: measuresOf(measures, idOfColumn),
    ...(timeDimension !== undefined && { timeDimension: idOfColumn(timeDimension ?? '') }),
  }
}

function columnOf(column: DatasetColumn, key: string[]): DraftColumn {
  const { name, source = '', title = '', description = '', type, required = false } = column
  const { scale, format = '', timezone = '', lowCardinality } = column
  return {
    ...{ id: newId(), name, source, title, description, type, required, scale, format, timezone, lowCardinality },
    ...{ isKey: key.includes(name), isIncluded: true },
  }
}

function measuresOf(measures: DatasetMeasure[], idOfColumn: (name: string) => string): DraftMeasure[] {
  const named = measures.map((measure) => ({ ...measure, id: newId() }))
  const idOfMeasure = (name: string) => (name === ROWS_ID ? ROWS_ID : idsByName(named)(name))
  return named.map((measure) => {
    const { id, name, title = '', description = '', type, column, by, level, numerator, denominator } = measure
    return {
      ...{ id, name, title, description, type, level },
      column: idOfColumn(column ?? ''),
      by: idOfColumn(by ?? ''),
      numerator: idOfMeasure(numerator ?? ''),
      denominator: idOfMeasure(denominator ?? ''),
      filters: withMembers((measure.filters ?? []) as Filter[], (member) => idOfColumn(member) || member),
    }
  })
}

function idsByName(all: { id: string; name: string }[]): (name: string) => string {
  return (name) => all.find((each) => each.name === name)?.id ?? ''
}
