import { comparable } from '../../../common/comparable-name.js'
import { HeaderError, type WantedField } from '../../mapping/source-header.js'
import type { ByteSource } from '../byte-source.js'
import { parseRecords } from '../csv/csv-fields.js'
import { headerOf, namesOf, withoutMissing, type FieldNames } from '../record-names.js'
import { csvInput, csvLine, TOO_LONG, type Fault, type RecordChunk, type RecordSource } from '../record-source.js'
import { readXmlBeginning, type XmlBeginning } from './xml-beginning.js'
import { XmlParser } from './xml-parser.js'
import type { XmlChunk, XmlFault } from './xml-chunk.js'
import { fieldNamesIn, xmlChunks } from './xml-cutter.js'

/**
 * Opens XML with repeated elements under any root, or with those of the name `recordElement`. Throws HeaderError or
 * BrokenFileError when there are none.
 */
export async function openXml(
  source: ByteSource,
  wanted: WantedField[],
  recordElement?: string,
): Promise<RecordSource> {
  const wantedNames = new Set(wanted.map(({ name }) => comparable(name)))
  const element = recordElement?.slice(recordElement.indexOf(':') + 1)
  const beginning = await readXmlBeginning(source, (name) => wantedNames.has(comparable(name)), element)
  const { header, ownFields } = headerOf(namesIn(beginning), wanted)
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
      const own = new Set([...used].filter((field) => field < (ownFields ?? header.length)))
      const ownNames = namesOf(header, own)
      const rowFields = { has: (name: string) => ownNames.fieldOf(name) >= 0, count: own.size }
      const chunks = xmlChunks(beginning, { slots, fields: header.length, rowFields, chunkBytes })
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
          { delimiter: ',', quote: '"' },
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
  if (fault.kind === 'loose-text') return { reason: 'the record has text outside of its elements' }
  const field = header.findIndex((name) => comparable(name) === comparable(fault.field))
  return {
    reason: fault.kind === 'repeated-field' ? 'the record has it several times' : 'it has elements inside',
    field,
  }
}

/** The names of the first records' fields, each of which stands for itself. */
function namesIn(beginning: XmlBeginning): string[][] {
  const names = fieldNamesIn(beginning)
  const { records } = beginning
  if (names.length === 0 && 'element' in records && beginning.isWhole)
    throw new HeaderError(`The elements <${records.element}> have neither attributes nor elements inside.`)
  if (names.length === 0 && 'path' in records && (beginning.isWhole || records.path.length === 0)) {
    const where = beginning.isWhole ? 'no element' : 'in its first 16 MiB no element'
    throw new HeaderError(`The file has no records: ${where} repeats that has fields.`)
  }
  return names.map((name) => [name])
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
