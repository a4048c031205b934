import { either } from './conditions.js'
import { fieldColumn } from './internal-names.js'
import type { ResolvedSource } from './source-header.js'
import { sqlText } from './sql-text.js'

/** The text of a column's source as SQL over the raw table; a field's text that `isNoValue` is true of counts as empty. */
export function sourceText(source: ResolvedSource, isNoValue?: (text: string) => string): string {
  switch (source.kind) {
    case 'absent':
      return `''`
    case 'value':
      return sqlText(source.text)
    case 'field': {
      const field = fieldColumn(source.field)
      if (!source.default && !isNoValue) return field
      const isEmpty = isNoValue ? either(`${field} = ''`, isNoValue(field)) : `${field} = ''`
      return `if(${isEmpty}, ${sqlText(source.default ?? '')}, ${field})`
    }
    case 'template': {
      const parts = source.parts.map((part) => {
        if ('row' in part) return 'toString(_row)'
        return 'text' in part ? sqlText(part.text) : fieldColumn(part.field)
      })
      return `concat(${[`''`, ...parts].join(', ')})`
    }
  }
}

/** The same text in JavaScript, for the reject of a row: fields as papaparse gives them. */
export function sourceTextOf(source: ResolvedSource, fields: string[], row: number): string {
  switch (source.kind) {
    case 'absent':
      return ''
    case 'value':
      return source.text
    case 'field':
      return fields[source.field] || source.default || ''
    case 'template':
      return source.parts
        .map((part) => ('row' in part ? String(row) : 'text' in part ? part.text : (fields[part.field] ?? '')))
        .join('')
  }
}
