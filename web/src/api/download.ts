/**
 * Saves the body of a response as a file. The browser keeps it outside of the page's memory. Returns the response for its
 * headers.
 */
export async function download(fileName: string, pending: Promise<Response>): Promise<Response> {
  const response = await pending
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  // The browser takes hold of the file within the click; this only lets go of the name.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return response
}
