import { send, type RequestOptions } from './http'

interface DownloadOptions extends RequestOptions {
  accept: string
  fileName: string
}

/**
 * Saves the answer of a route as a file. The browser keeps what it gets outside of the page's memory. Gives the answer
 * back for its headers.
 */
export async function download(method: string, path: string, options: DownloadOptions): Promise<Response> {
  const { accept, fileName, headers, ...rest } = options
  const response = await send(method, path, { ...rest, headers: { ...headers, accept } })
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The browser takes hold of the file within the click; this only lets go of the name.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return response
}
