import { ApiProblem, parseExact, problemOf } from '../../../api/http'
import type { OptionName } from '../file-options/file-options'
import type { Ingestion } from '../ingestions'

/** As POST /v1/ingestions has them; those without a value are left to the server. */
export interface LoadOptions extends Partial<Record<OptionName, string>> {
  dataset: string
  format?: string
  mapping?: string
  onError: 'quarantine' | 'abort'
  force: boolean
}

/**
 * Sends a file, which the browser reads as it goes, and gives the job that the server makes of it. By XMLHttpRequest:
 * fetch does not tell how much has left.
 */
export function sendFile(
  file: File,
  options: LoadOptions,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<Ingestion> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/v1/ingestions')
    request.upload.onprogress = ({ loaded }) => onProgress(Math.min(loaded, file.size))
    request.onload = () => {
      if (request.status < 300) resolve(parseExact(request.responseText) as Ingestion)
      else void problemOf(responseOf(request)).then(reject)
    }
    request.onerror = () => reject(brokenOff(options))
    request.onabort = () => reject(new DOMException('The upload was canceled.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort())
    request.send(formOf(file, options))
  })
}

/** The server heeds only what comes before the file. */
function formOf(file: File, options: LoadOptions): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(options)) if (value !== undefined) form.append(name, String(value))
  form.append('file', file)
  return form
}

function responseOf({ responseText, status, statusText }: XMLHttpRequest): Response {
  return new Response(responseText, { status, statusText })
}

/** The server may have made a job of the file all the same. */
function brokenOff({ force }: LoadOptions): ApiProblem {
  const next = force
    ? 'Look at the history first: the file may be loaded already.'
    : 'Send it again: the same content is not loaded twice.'
  const detail = `The connection broke before the server answered, or the file changed. ${next}`
  return new ApiProblem(0, 'UNREACHABLE', 'No answer', detail, undefined, [], undefined)
}
