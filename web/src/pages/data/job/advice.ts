import { formatInteger } from '../../../components/format'
import type { Ingestion, IngestionWarning } from '../ingestions'

/** As many names of columns as the server tells. */
const MAX_NAMES = 10
const AGAIN = 'delete this load and load the file again'

/** What to do here about a warning: its own message names options of the API. */
export function adviceOn({ code, column, message, examples }: IngestionWarning, job: Ingestion): string {
  switch (code) {
    case 'UNKNOWN_COLUMNS':
      return (
        `No column of the dataset takes ${examples.length < MAX_NAMES ? 'these' : 'these and others'} of the file: ` +
        `${examples.join(', ')}. To keep them, ${AGAIN}: choose them under “Column mapping”, or add columns for them to the ` +
        'dataset first.'
      )
    case 'ALL_EMPTY':
      return `${column}: no row that was loaded has a value. If the file has them, ${AGAIN}, with another source for ${column} under “Column mapping”.`
    case 'AMBIGUOUS_DATES':
      return (
        `${column}: no date that was loaded has a day after the 12th, so day and month may be the other way around. If they ` +
        `are, ${AGAIN}, with the other format beside ${column} under “Column mapping”.`
      )
    case 'DECIMAL_COMMA':
      return (
        `${column}: values with a comma were rejected. If the comma stands before the decimals, ${AGAIN}, with “Decimal ` +
        'separator” and “Thousands separator” set under “Options”. Examples:'
      )
    case 'MOSTLY_REJECTED':
      return (
        `${formatInteger(job.rowsRejected)} of ${formatInteger(job.rowsRead)} rows were rejected. If that is not what you ` +
        `expect, ${AGAIN} with options and a column mapping that fit it. The commonest reasons:`
      )
    default:
      return message
  }
}
