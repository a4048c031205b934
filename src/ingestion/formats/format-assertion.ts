import type { Format } from '../ingestion.js'
import { detectCompression, detectFormat } from './detect-format.js'

/** The sentence for a file that is not of the format that it was said to be; undefined when it may be. */
export function formatMismatch(format: Format, head: Buffer): string | undefined {
  const found = detectFormat(head)
  const compression = detectCompression(head)
  const seems = (what: string): string =>
    `The file was sent as ${format}, but it seems to be ${what}. Nothing was loaded.`
  if (compression !== 'none') return seems(`compressed once more (${compression})`)
  if (format === 'parquet' && found !== 'parquet') return 'The file is not a Parquet file: it does not begin with PAR1.'
  if (found === format) return undefined
  if (found === 'parquet' || found === 'xml') return seems(found === 'xml' ? 'XML' : 'Parquet')
  if (['csv', 'tsv', 'xml'].includes(format) && found !== 'csv') return seems(found === 'json' ? 'JSON' : 'NDJSON')
  if (format === 'xml') return seems('CSV or other text')
  return undefined
}
