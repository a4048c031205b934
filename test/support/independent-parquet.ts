import { parquetMetadata, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { PhysicalValue } from './parquet-encodings.js'

type Decompress = NonNullable<(typeof compressors)['LZ4']>

/** An LZ4 block of nothing is one byte, which hyparquet-compressors takes for the beginning of a match. */
const orNothing =
  (decompress: Decompress): Decompress =>
  (input, length) =>
    length === 0 ? new Uint8Array(0) : decompress(input, length)
const COMPRESSORS = {
  ...compressors,
  LZ4: orNothing(compressors.LZ4!),
  LZ4_RAW: orNothing(compressors.LZ4_RAW!),
}

/** hyparquet's values as they are stored: its own meanings of them would lose digits of decimals and timestamps. */
export async function independentValues(
  bytes: Buffer,
  columns: { name: string }[],
): Promise<(PhysicalValue | null)[][]> {
  const file = new Uint8Array(bytes).buffer
  const metadata = parquetMetadata(file)
  for (const element of metadata.schema) {
    if (element.num_children !== undefined) continue
    delete element.converted_type
    delete element.logical_type
    if (element.type !== 'INT96') continue
    // An INT96 is twelve bytes; hyparquet would make one number of them.
    Object.assign(element, { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12 })
  }
  for (const { meta_data } of metadata.row_groups.flatMap((group) => group.columns))
    if (meta_data?.type === 'INT96') meta_data.type = 'FIXED_LEN_BYTE_ARRAY'
  const values: (PhysicalValue | null)[][] = columns.map(() => [])
  const names = columns.map(({ name }) => name)
  await parquetRead({
    file,
    metadata,
    compressors: COMPRESSORS,
    utf8: false,
    columns: names,
    rowFormat: 'object',
    onComplete: (rows) => {
      for (const row of rows as Record<string, unknown>[])
        for (const [field, name] of names.entries()) values[field]!.push(asPhysical(row[name]))
    },
  })
  return values
}

function asPhysical(value: unknown): PhysicalValue | null {
  return value instanceof Uint8Array ? Buffer.from(value) : ((value ?? null) as PhysicalValue | null)
}
