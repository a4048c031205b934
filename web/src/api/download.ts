/**
 * Saves the body of a response as a file, whose name may depend on its headers. The browser keeps it outside of the page's
 * memory. Returns the response for its headers.
 */
export async function download(
  fileName: string | ((response: Response) => string),
  pending: Promise<Response>,
): Promise<Response> {
  const response = await pending
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = typeof fileName === 'string' ? fileName : fileName(response)
  link.click()
  // The browser takes hold of the file within the click; this only lets go of the name.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return response
}
