import { comparable } from '../../common/comparable-name.js'
import { HeaderError, type WantedField } from '../mapping/source-header.js'
import { MAX_FIELDS, type RecordChunk, type RecordSource } from './record-source.js'

/** What the fields of a record are called. */
export interface FieldNames {
  /** position of the field that a name gives, -1 for none */
  fieldOf(name: string): number
  count: number
  /** as ChunkOptions has them */
  commaNumbers?: ReadonlySet<number>
}

/**
 * The header of a format whose records name their own fields: the names of the first records, a list each, and those
 * that may yet come. Two spellings of a name are one field, unless a record has both, as two columns of a table are then
 * called.
 */
export function headerOf(records: string[][], wanted: WantedField[]): Pick<RecordSource, 'header' | 'ownFields'> {
  const header: string[] = []
  const apart = namesApart(records)
  const [names, spellings] = [new Set<string>(), new Set<string>()]
  const add = (name: string): void => {
    header.push(name)
    names.add(name)
    spellings.add(comparable(name))
  }
  for (const name of records.flat()) {
    if (!names.has(name) && (apart.has(name) || !spellings.has(comparable(name)))) add(name)
  }
  const ownFields = header.length
  for (const { name, mayBeAbsent } of wanted) if (mayBeAbsent && !spellings.has(comparable(name))) add(name)
  if (header.length > MAX_FIELDS)
    throw new HeaderError(
      `The first records have ${header.length} different fields; at most ${MAX_FIELDS} are allowed.`,
    )
  return { header, ownFields }
}

/** Names that stand in one record beside another spelling of theirs. */
function namesApart(records: string[][]): Set<string> {
  const apart = new Set<string>()
  for (const names of records) {
    const spellings = new Map<string, string>()
    for (const name of names) {
      const other = spellings.get(comparable(name))
      if (other === undefined) spellings.set(comparable(name), name)
      else if (other !== name) apart.add(name).add(other)
    }
  }
  return apart
}

/** The fields of the header that are used, by their exact name and else by one that is the same but for its spelling. */
export function namesOf(header: string[], used: ReadonlySet<number>): FieldNames {
  const exact = new Map(header.map((name, field) => [name, field]))
  const similar = new Map([...header.entries()].reverse().map(([field, name]) => [comparable(name), field]))
  return {
    count: header.length,
    fieldOf: (name) => {
      const field = exact.get(name) ?? similar.get(comparable(name)) ?? -1
      return used.has(field) ? field : -1
    },
  }
}

/** A name in the mapping that no record has would leave its column empty without a word, so it fails the job. */
export async function* withoutMissing(
  chunks: AsyncGenerator<RecordChunk>,
  header: string[],
  wanted: WantedField[],
  hasSeen: (field: number) => boolean,
): AsyncGenerator<RecordChunk> {
  yield* chunks
  const isMissing = (name: string): boolean =>
    !header.some((other, field) => comparable(other) === comparable(name) && hasSeen(field))
  const missing = wanted.filter(({ isExplicit, name }) => isExplicit && isMissing(name))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => `"${name}"`).join(', ')
  throw new HeaderError(`No record has ${names}, which the mapping names. Nothing was loaded.`)
}
