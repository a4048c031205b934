import type { Filter } from '../../../filters/filter'
import type { FileOptions } from '../file-options/file-options'
import type { ColumnType, MeasureType, Price } from './declarations'

/** What the sample has under a header. */
export interface Finding {
  confidence: number
  nulls: number
  examples: string[]
  warnings: string[]
}

/** A column while it is edited. Other parts name it by its id: its name may change at each letter. */
export interface DraftColumn {
  id: string
  /** the header in the file; empty: it is called as the column */
  source: string
  name: string
  title: string
  description: string
  type: ColumnType
  required: boolean
  isKey: boolean
  scale?: number
  format: string
  timezone: string
  lowCardinality?: boolean
  /** those of a file may be left out of the dataset */
  isIncluded: boolean
  /** undefined: it was not found in a file */
  finding?: Finding
}

/** The measure `rows`, which every dataset has, as part of a ratio. */
export const ROWS_ID = 'rows'

export interface DraftMeasure {
  id: string
  name: string
  title: string
  type: MeasureType
  /** ids of columns */
  column: string
  by: string
  level?: number
  /** ids of measures */
  numerator: string
  denominator: string
  description: string
  /** on members by their ids */
  filters: Filter[]
}

export interface Draft {
  name: string
  title: string
  description: string
  columns: DraftColumn[]
  measures: DraftMeasure[]
  /** id of a column; empty: none; undefined: nobody chose one */
  timeDimension?: string
  /** in credits; what is left out costs what it does by default */
  price: Price
  fileOptions: FileOptions
  /** headers of the file that cannot be columns, and why */
  unusable: { source: string; reason: string }[]
}

let ids = 0

export function newId(): string {
  return `draft-${++ids}`
}

export function newColumn(): DraftColumn {
  return {
    ...{ id: newId(), source: '', name: '', title: '', description: '', type: 'text' },
    ...{ required: false, isKey: false, format: '', timezone: '', isIncluded: true },
  }
}

export function newMeasure(): DraftMeasure {
  return {
    ...{ id: newId(), name: '', title: '', description: '', type: 'sum', column: '', by: '' },
    ...{ numerator: '', denominator: ROWS_ID, filters: [] },
  }
}

/** Without a file: one column to begin with. */
export function emptyDraft(): Draft {
  return {
    ...{ name: '', title: '', description: '', columns: [newColumn()], measures: [] },
    ...{ price: {}, fileOptions: {}, unusable: [] },
  }
}

export function included({ columns }: Pick<Draft, 'columns'>): DraftColumn[] {
  return columns.filter(({ isIncluded }) => isIncluded)
}

/** Those that periods can be of. */
export function timesOf(draft: Pick<Draft, 'columns'>): DraftColumn[] {
  return included(draft).filter(({ type }) => isTimeType(type))
}

/** The time that periods are of; as on the server, the only one where none was chosen. */
export function timeOf(draft: Pick<Draft, 'columns' | 'timeDimension'>): DraftColumn | undefined {
  const times = timesOf(draft)
  if (draft.timeDimension === '') return undefined
  return times.find(({ id }) => id === draft.timeDimension) ?? (times.length === 1 ? times[0] : undefined)
}

export function isTimeType(type: ColumnType): boolean {
  return type === 'date' || type === 'timestamp'
}

/** What one change of a column means for its other fields: what is in the key has a value in every row. */
export function changedColumn(column: DraftColumn, changes: Partial<DraftColumn>): DraftColumn {
  const next = { ...column, ...changes }
  if (changes.isKey) next.required = true
  if (changes.required === false || changes.isIncluded === false) next.isKey = false
  return next
}
