import { expect } from 'vitest'
import type { TestServer } from './server.js'

/** The job of an upload's answer: as it is, or within the problem that says that it failed (`wait=true`). */
export async function jobIn(response: Response): Promise<any> {
  const body = (await response.json()) as any
  if (response.status !== 422) return body
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(body).toMatchObject({
    code: 'INGESTION_FAILED',
    detail: body.ingestion.error,
    ingestion: { status: 'failed' },
  })
  return body.ingestion
}

/** Uploads a file and waits for its job: the response, and the job in it. Options of the upload go into the query. */
export async function upload(
  server: TestServer,
  body: string | Buffer,
  options: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: any }> {
  const query = new URLSearchParams({ wait: 'true', ...options })
  const response = await server.fetch(`/v1/ingestions?${query.toString()}`, {
    method: 'POST',
    headers,
    body: body as RequestInit['body'],
  })
  return { status: response.status, headers: response.headers, body: await jobIn(response) }
}

/** All rejected records of a job, page by page. */
export async function rejectsOf(server: TestServer, id: string): Promise<any[]> {
  const rejects: any[] = []
  for (let total = 1; rejects.length < total;) {
    const { body } = await server.json('GET', `/v1/ingestions/${id}/rejects?limit=500&offset=${rejects.length}`)
    rejects.push(...body.data)
    total = body.pagination.total
  }
  return rejects
}
