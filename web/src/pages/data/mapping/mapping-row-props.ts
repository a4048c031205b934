import type { FileColumn } from '../ingestions'
import type { Records } from '../preview/records'
import type { Source } from './mapping'

export interface MappingRowProps {
  column: FileColumn
  records: Records | undefined
  source: Source
  isAdvanced: boolean
  onChange: (source: Source) => void
}
