import { Autocomplete, Group, Text, TextInput } from '@mantine/core'
import { isTimeType } from '../declaration/draft'
import { COMMON_FORMATS, contradictionOf, guessDateFormat } from './guess-date-format'
import { valuesOf } from './guess-sources'
import { faultOfTemplate } from './mapping'
import type { MappingRowProps } from './mapping-row-props'

/** What there is to say of a source besides what it is. */
export function SourceDetails(props: MappingRowProps) {
  const { column, source, records, isAdvanced, onChange } = props
  const name = column.column
  const text = (label: string, field: 'text' | 'fallback', placeholder: string, error?: string) => (
    <TextInput
      size="sm"
      aria-label={`${label} ${name}`}
      placeholder={placeholder}
      value={source[field]}
      error={error}
      onChange={(event) => onChange({ ...source, [field]: event.currentTarget.value })}
      flex="1 1 150px"
    />
  )
  return (
    <Group gap="xs" align="flex-start">
      {source.kind === 'header' && !records && text('Name in the file of', 'text', 'Name in the file')}
      {source.kind === 'constant' && text('Constant for', 'text', 'The same value for every row')}
      {source.kind === 'template' &&
        text('Template for', 'text', '{InvoiceNo}-{StockCode}-{#row}', faultOfTemplate(source.text, records?.headers))}
      {isTimeType(column.type) && source.kind !== 'none' && <DateFormat {...props} />}
      {source.kind === 'header' &&
        (isAdvanced || source.fallback !== '') &&
        text('Default for', 'fallback', 'Default where it is empty')}
    </Group>
  )
}

function DateFormat({ column, source, records, onChange }: MappingRowProps) {
  const values = records && source.kind === 'header' ? valuesOf(source.text, records) : []
  const guess = guessDateFormat(values)
  const contradiction = contradictionOf(source.format, values)
  const isAmbiguous = guess?.rival !== undefined && guess.format === source.format
  return (
    <div className="grows">
      <Autocomplete
        size="sm"
        aria-label={`Date format of ${column.column}`}
        placeholder={column.format ?? 'YYYY-MM-DD'}
        data={COMMON_FORMATS}
        filter={({ options }) => options}
        value={source.format}
        onChange={(format) => onChange({ ...source, format })}
      />
      {contradiction !== undefined && (
        <Text size="xs" className="warning" role="status">
          “{contradiction}” is not in this format: such rows would be rejected.
          {guess && guess.format !== source.format && ` ${guess.format || 'YYYY-MM-DD'} would fit.`}
        </Text>
      )}
      {isAmbiguous && (
        <Text size="xs" className="warning">
          The first rows fit {guess.rival} as well: check it.
        </Text>
      )}
    </div>
  )
}
