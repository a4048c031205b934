import type { Declaration } from '../declaration/declarations'

/** A shell command that declares the dataset. The key stays out of it. */
export function curlOf(declaration: Declaration): string {
  return `curl -H "x-api-key: $ROOT" ${window.location.origin}/v1/admin/datasets --json '${quoted(jsonOf(declaration))}'`
}

/** The same with the command line program, which reads the declaration from a file. */
export function cliOf({ name }: Declaration, fileName: string | undefined): string {
  const file = `${name || 'dataset'}.json`
  const declare = `npx countinghouse datasets create ${argument(file)}`
  return fileName ? `${declare}\nnpx countinghouse ingest ${argument(fileName)} --dataset ${argument(name)}` : declare
}

export function jsonOf(declaration: Declaration): string {
  return JSON.stringify(declaration, null, 2)
}

function argument(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith('-') ? text : `'${quoted(text)}'`
}

function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`)
}
