import type { Format } from '../ingestions'
import { readCsv, type CsvForm } from './csv-records'
import { decode, formOf, type Encoding, type FileForm } from './file-form'
import { readJsonArray, readNdjson } from './json-records'
import type { Records } from './records'

/** As much of a file as is read here; the file itself may have any size. */
const SAMPLE_BYTES = 256 * 1024

export interface Preview {
  form: FileForm
  /** undefined: the first rows cannot be seen before loading */
  records: Records | undefined
  /** what somebody who looks at it should know */
  remark: string | undefined
  /** the text is not valid in the encoding that it was read in */
  isEncodingDoubtful: boolean
}

/** Looks at the first bytes of a file. `chosen`: what the reader says of it. */
export async function readPreview(
  file: File,
  chosen: { format: Format | undefined; encoding: Encoding | undefined } & CsvForm,
): Promise<Preview> {
  const head = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer())
  const found = formOf(file.name, head)
  const form = { ...found, format: chosen.format ?? found.format }
  const unseen = noPreviewReason(form, file.size)
  if (unseen) return { form, records: undefined, remark: unseen, isEncodingDoubtful: false }
  const isWhole = file.size <= SAMPLE_BYTES
  const text = decode(head, chosen.encoding, isWhole)
  const records = recordsOf(form.format as Format, text, isWhole, chosen)
  return {
    form,
    records: records?.headers.length ? records : undefined,
    remark: records?.headers.length
      ? undefined
      : `No record at the beginning of the file can be read as ${form.format}.`,
    isEncodingDoubtful: text.includes('\ufffd'),
  }
}

function noPreviewReason({ format, compression }: FileForm, size: number): string | undefined {
  if (size === 0) return 'The file is empty.'
  if (format === 'archive')
    return 'This is a zip archive or an Excel workbook. Load the file in it, or export it as CSV.'
  if (compression) return `A file that is compressed (${compression}) cannot be looked at before it is loaded.`
  if (format === 'xml' || format === 'parquet') {
    return `A file in ${format === 'xml' ? 'XML' : 'Parquet'} cannot be looked at before it is loaded.`
  }
  return undefined
}

function recordsOf(format: Format, text: string, isWhole: boolean, form: CsvForm): Records | undefined {
  if (format === 'csv') return readCsv(text, form, isWhole)
  if (format === 'tsv') return readCsv(text, { ...form, delimiter: form.delimiter ?? '\t' }, isWhole)
  return format === 'ndjson' ? readNdjson(text, isWhole) : readJsonArray(text)
}
