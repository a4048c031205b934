import { NativeSelect } from '@mantine/core'
import { sourceOf } from './guess-sources'
import { nameable } from './header-names'
import { NO_SOURCE, type Source } from './mapping'
import type { MappingRowProps } from './mapping-row-props'

const HEADER = 'header:'

/** Chooses among the headers of the file, nothing, and what may stand in for a header. */
export function SourceSelect({ column, records, source, isAdvanced, onChange }: MappingRowProps) {
  const choose = (value: string) => {
    if (value.startsWith(HEADER)) return onChange(sourceOf(column, value.slice(HEADER.length), records))
    onChange({ ...NO_SOURCE, kind: value as Source['kind'] })
  }
  const others = [
    { value: 'constant', label: 'A constant…' },
    { value: 'template', label: 'A template…' },
  ]
  const isOther = source.kind === 'constant' || source.kind === 'template'
  const headers = records
    ? nameable(records.headers).map((header) => ({ value: HEADER + header, label: header }))
    : [{ value: HEADER, label: 'Another name…' }]
  return (
    <NativeSelect
      size="sm"
      aria-label={`Source of ${column.column}`}
      value={source.kind === 'header' ? HEADER + (records ? source.text : '') : source.kind}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[
        { value: 'none', label: records ? '– not in the file –' : 'By its name' },
        ...headers,
        ...(isAdvanced || isOther ? others : []),
      ]}
    />
  )
}
