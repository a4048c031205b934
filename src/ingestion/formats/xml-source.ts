import { comparable, HeaderError, type WantedField } from '../rows/source-header.js'
import { withHead, type ByteSource } from './byte-source.js'
import { BrokenFileError } from './broken-file.error.js'
import { parseRecords } from './csv-source.js'
import { headerOf, namesOf, withoutMissing, type FieldNames } from './record-names.js'
import { csvInput, csvLine, TOO_LONG, type Fault, type RecordChunk, type RecordSource } from './record-source.js'
import { readSample, withoutBom } from './sample.js'
import { XmlParser } from './xml-parser.js'
import { xmlChunks, type XmlChunk, type XmlFault } from './xml-records.js'

const SAMPLE_BYTES = 1024 * 1024

/** Opens XML with repeated elements under any root. Throws HeaderError or BrokenFileError when there are none. */
export async function openXml(source: ByteSource, wanted: WantedField[]): Promise<RecordSource> {
  const sample = withoutBom(await readSample(source))
  const { header, ownFields } = headerOf(await namesInSample(sample), wanted)
  return {
    header,
    ownFields,
    headerRecord: Buffer.from(csvLine(header)),
    input: csvInput(','),
    chunks: ({ chunkBytes, used }) => {
      const seen = new Set<number>()
      const names = namesOf(header, used)
      const slots = (name: string): number | undefined => {
        const field = names.fieldOf(name)
        if (field < 0) return undefined
        seen.add(field)
        return field
      }
      const chunks = xmlChunks(withHead(sample, source), { slots, fields: header.length, chunkBytes })
      return withoutMissing(recordChunks(chunks, header), header, wanted, (field) => seen.has(field))
    },
  }
}

async function* recordChunks(chunks: AsyncGenerator<XmlChunk>, header: string[]): AsyncGenerator<RecordChunk> {
  const all = namesOf(header, new Set(header.keys()))
  for await (const chunk of chunks) {
    yield {
      ...chunk,
      fault: (row) => faultOf(chunk.faults.get(row), header),
      fields: (rows) =>
        parseRecords(
          rows.map((row) => chunk.csv(row)),
          ',',
        ),
      csvRecord: (row) => {
        const raw = chunk.record(row).raw.toString('utf8')
        // Of a shape that no line of CSV has: sent again unmended it is refused again.
        return Buffer.from(csvLine(chunk.faults.has(row) ? [raw] : fieldsOf(raw, all)))
      },
    }
  }
}

function faultOf(fault: XmlFault | undefined, header: string[]): Fault | undefined {
  if (!fault) return undefined
  if (fault.kind === 'too-long') return { reason: TOO_LONG }
  const field = header.findIndex((name) => comparable(name) === comparable(fault.field))
  return {
    reason: fault.kind === 'repeated-field' ? 'the record has it several times' : 'it has elements inside',
    field,
  }
}

/** The names of attributes and elements in the records of the file's beginning; each stands for itself. */
async function namesInSample(sample: Buffer): Promise<string[][]> {
  const names = new Set<string>()
  const slots = (name: string): undefined => void names.add(name)
  const source = withHead(sample, { read: async () => 0 })
  let records = 0
  try {
    for await (const chunk of xmlChunks(source, { slots, fields: 1, chunkBytes: sample.length })) {
      records += chunk.rows
      chunk.release()
    }
  } catch (error) {
    // A sample that ends in the middle of the file is no whole document.
    if (!(error instanceof BrokenFileError) || sample.length < SAMPLE_BYTES) throw error
  }
  if (names.size === 0 && (records === 0 || sample.length < SAMPLE_BYTES))
    throw new HeaderError('The file has no records: no element repeats that has fields.')
  return [...names].map((name) => [name])
}

/** The record's fields; of one that cannot be told into fields, its whole text as the only one. */
function fieldsOf(raw: string, names: FieldNames): string[] {
  const fields = new Array<string>(names.count).fill('')
  let open = -1
  const add = (field: number, text: string): void => {
    if (field >= 0) fields[field] += text
  }
  const parser = new XmlParser({
    open: (name, depth) => {
      if (depth === 1) open = names.fieldOf(name)
    },
    attribute: (name, value, depth) => {
      if (depth === 0) add(names.fieldOf(name), value)
    },
    text: (text, depth) => {
      if (depth >= 1) add(open, text)
    },
    close: () => undefined,
  })
  try {
    parser.write(raw)
    parser.end()
    return fields
  } catch {
    return [raw]
  }
}
