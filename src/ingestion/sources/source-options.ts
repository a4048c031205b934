import { ValidationError } from '../../common/errors/app-error.js'
import type { UploadOptions } from '../uploads/upload-options.dto.js'
import { checkedUploadOptions } from '../uploads/upload.js'

/** What a source decides itself. */
const NOT_OF_A_SOURCE: Record<string, string> = {
  dataset: 'is the dataset of the source; leave it out',
  fileName: 'is the name of the object; leave it out',
  force: 'is not for sources: the same content is loaded once',
  wait: 'is not for sources',
}

/** The options of the uploads that a source makes; ValidationError where an upload would have one. */
export async function uploadOptionsOf(dataset: string, options: Record<string, unknown>): Promise<UploadOptions> {
  const misplaced = Object.keys(options).filter((name) => Object.hasOwn(NOT_OF_A_SOURCE, name))
  if (misplaced.length > 0)
    throw new ValidationError(misplaced.map((name) => ({ path: name, message: NOT_OF_A_SOURCE[name]! })))
  const fields = Object.entries(options).map(([name, value]) => [name, fieldOf(value)])
  return checkedUploadOptions({ ...(Object.fromEntries(fields) as Record<string, unknown>), dataset })
}

/** As the field of a form has it: what JSON writes as a number, a list or an object is text there. */
function fieldOf(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
