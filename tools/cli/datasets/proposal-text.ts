import type { Proposal } from '../api-client.js'
import { printable } from '../format.js'
import { indented, textTable } from '../text-table.js'
import { fileOptionsText, keyText, marksOf, typeText } from './column-text.js'
import { measureText } from './measure-text.js'

const EXAMPLES = 3
const EXAMPLE_LENGTH = 24

/** What a file was taken for, for people: its columns with examples, the measures, and what to look at. */
export function proposalText({ dataset, columns }: Proposal, file: string): string {
  const { name, key, timeDimension, measures = [], fileOptions } = dataset
  const options = fileOptionsText(fileOptions)
  const lines = [
    `${printable(file)} as the dataset ${name}: ${dataset.columns.length} columns`,
    '',
    indented(columnTable({ dataset, columns })),
    '',
    `key: ${keyText(key)}`,
    `time dimension: ${timeDimension ?? 'none'}`,
    ...(options ? [`the file's way of writing: ${printable(options)}`] : []),
    'measures:',
    indented(
      textTable(['name', 'computed as'], [['rows', 'rows'], ...measures.map((each) => [each.name, measureText(each)])]),
    ),
    ...warningLines(columns),
  ]
  return lines.join('\n')
}

function columnTable({ dataset, columns }: Pick<Proposal, 'dataset' | 'columns'>): string {
  const rows = columns.map(({ source, name, examples }) => {
    const column = dataset.columns.find((each) => each.name === name)
    const shown = examples.slice(0, EXAMPLES).map(shortened).join(' | ')
    return column
      ? [source, column.name, typeText(column), marksOf(column, dataset), shown]
      : [source, '(left out)', '', '', shown]
  })
  return textTable(['header', 'name', 'type', 'is', 'examples'], rows)
}

function warningLines(columns: Proposal['columns']): string[] {
  const lines = columns.flatMap(({ source, warnings }) => warnings.map((each) => printable(`${source}: ${each}`)))
  return lines.length > 0 ? ['warnings:', ...lines.map(indented)] : []
}

function shortened(text: string): string {
  return text.length <= EXAMPLE_LENGTH ? text : `${text.slice(0, EXAMPLE_LENGTH - 1)}…`
}
