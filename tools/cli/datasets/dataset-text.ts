import { count, moment, printable, rowsOf } from '../format.js'
import type { TableColumn } from '../output/print-rows.js'
import { indented, textTable } from '../text-table.js'
import { fileOptionsText, keyText, marksOf, typeText } from './column-text.js'
import type { Dataset, DeclaredDataset } from './datasets-client.js'
import { measureText } from './measure-text.js'

export const LIST_COLUMNS: TableColumn<Dataset>[] = [
  { name: 'name', text: ({ name }) => name },
  { name: 'title', text: ({ title }) => title },
  { name: 'rows', text: ({ rowCount }) => count(rowCount), isNumber: true },
  { name: 'last load', text: ({ lastIngestion }) => moment(lastIngestion, 'never') },
]

/** All of a dataset that its users and its files need to know. */
export function datasetText(dataset: DeclaredDataset | Dataset): string {
  const { name, title, description, rowCount, lastIngestion, key, timeDimension } = dataset
  const options = 'fileOptions' in dataset ? fileOptionsText(dataset.fileOptions) : undefined
  const price = 'price' in dataset && dataset.price ? fileOptionsText({ ...dataset.price }) : undefined
  const lines = [
    `${name}: ${printable(title)}`,
    ...(description ? [printable(description)] : []),
    `${rowsOf(rowCount)}, last load ${moment(lastIngestion, 'never')}`,
    `key: ${keyText(key)}`,
    `time dimension: ${timeDimension ?? 'none'}`,
    ...(options ? [`file options: ${printable(options)}`] : []),
    ...(price ? [`price in credits: ${price}`] : []),
    'columns:',
    indented(columnTable(dataset)),
    'measures:',
    indented(measureTable(dataset)),
  ]
  return lines.join('\n')
}

function columnTable(dataset: DeclaredDataset | Dataset): string {
  if ('columns' in dataset) {
    const rows = dataset.columns.map((column) => [
      column.name,
      column.source ?? column.name,
      typeText(column),
      marksOf(column, dataset),
      column.description ?? '',
    ])
    return textTable(['name', 'header in files', 'type', 'is', 'description'], rows)
  }
  const columns = dataset.members.filter(({ kind }) => kind !== 'measure')
  return textTable(
    ['name', 'type', 'is', 'description'],
    columns.map(({ name, type, description = '' }) => [name, type, marksOf({ name, type }, dataset), description]),
  )
}

/** As declared; the built-in ones, `rows` among them, say themselves how they are computed. */
function measureTable(dataset: DeclaredDataset | Dataset): string {
  const declared = 'measures' in dataset ? dataset.measures : []
  const rows = dataset.members
    .filter(({ kind }) => kind === 'measure')
    .map(({ name, title, description, type }) => {
      const measure = declared.find((each) => each.name === name)
      const isRows = name === 'rows' && 'measures' in dataset
      return [name, measure ? measureText(measure) : isRows ? 'rows' : (description ?? title), type]
    })
  return textTable(['name', 'computed as', 'type'], rows)
}
