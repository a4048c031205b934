import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Where the repository's sample files lie; samples/README.md says what is in them. */
export const SAMPLES = join(import.meta.dirname, '../../samples')

/** The content of samples/NAME.gz, without the compression. */
export function sample(name: string): Buffer {
  return gunzipSync(readFileSync(join(SAMPLES, `${name}.gz`)))
}

/** As a string of JSON: the columns of `transactions` from those of superstore.csv; the others have the same name. */
export const SUPERSTORE_MAPPING = readFileSync(join(SAMPLES, 'superstore.mapping.json'), 'utf8')
