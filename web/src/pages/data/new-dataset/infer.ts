import { postForm } from '../../../api/http'
import type { Inference } from '../declaration/draft-of'
import { fieldsOf, type FileOptions } from '../file-options/file-options'
import { formOf } from '../preview/file-form'

/** The server looks at so many bytes of text. */
const SAMPLE_BYTES = 4 * 1024 * 1024
const HEAD_BYTES = 4 * 1024

/** Asks what dataset a file would make; nothing is stored. `options`: what is known of how the file is written. */
export async function infer(file: File, options: FileOptions, signal: AbortSignal): Promise<Inference> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fieldsOf(options))) form.append(name, value)
  form.append('file', await sampleOf(file), file.name)
  return (await postForm('/v1/admin/datasets/infer', form, signal)) as Inference
}

/** The beginning of a file; of Parquet, which has its table of contents at the end, all of it. */
async function sampleOf(file: File): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  if (formOf(file.name, head).format === 'parquet') return file
  // In UTF-16 the same text takes two bytes for each of its letters.
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  return file.slice(0, isWide ? 2 * SAMPLE_BYTES : SAMPLE_BYTES)
}
