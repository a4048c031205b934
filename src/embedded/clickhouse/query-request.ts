import { IncomingMessage } from 'node:http'
import { collectBody, decodedBody, formFields } from './request-body.js'
import { readParameters, RequestParameters } from './request-parameters.js'
import { classifyStatement, Statement } from './sql-statement.js'

/** A request taken apart: what to run and, for an insert, where its rows come from. */
export interface QueryRequest {
  parameters: RequestParameters
  statement: Statement
  rows: AsyncIterable<Uint8Array>
}

// Also the limit of a statement that carries its rows in the same text; rows in a body of their own have none.
const MAX_TEXT_BYTES = 256 * 1024 * 1024

/** The parameters that stand in the URL, before anything of the body is read. */
export function urlParameters(request: IncomingMessage): RequestParameters {
  const url = request.url ?? '/'
  const questionMark = url.indexOf('?')
  const pairs = new URLSearchParams(questionMark === -1 ? '' : url.slice(questionMark + 1))
  // As on a server: a GET, which anybody can make a browser send, changes nothing.
  if (request.method === 'GET' && !pairs.has('readonly')) pairs.set('readonly', '2')
  return readParameters(pairs)
}

/** Reads as much of the body as belongs to the statement. */
export async function readQueryRequest(request: IncomingMessage, inUrl: RequestParameters): Promise<QueryRequest> {
  if (inUrl.query !== '') {
    const statement = classifyStatement(inUrl.query)
    if (statement.kind === 'insert-with-data') {
      const inlineRows = Buffer.from(inUrl.query.slice(statement.rowsAt))
      return { parameters: inUrl, statement, rows: rowsOf(inlineRows, request) }
    }
  }
  const body = await collectBody(request, MAX_TEXT_BYTES)
  const contentType = request.headers['content-type'] ?? ''
  if (contentType.startsWith('multipart/form-data')) return fromForm(inUrl, await formFields(contentType, body))
  return fromText(inUrl, Buffer.concat([Buffer.from(inUrl.query), body]))
}

function fromForm(inUrl: RequestParameters, fields: [string, string][]): QueryRequest {
  const inForm = readParameters(fields)
  const parameters = {
    ...inUrl,
    queryParameters: [...inUrl.queryParameters, ...inForm.queryParameters],
    settings: [...inUrl.settings, ...inForm.settings],
  }
  return fromText(parameters, Buffer.from(inUrl.query + inForm.query))
}

function fromText(parameters: RequestParameters, text: Buffer): QueryRequest {
  const sql = text.toString()
  const statement = classifyStatement(sql)
  if (statement.kind !== 'insert-with-data') return { parameters, statement, rows: rowsOf(text.subarray(text.length)) }
  // Rows may be binary: cut the bytes, not the decoded text.
  const rowsAt = Buffer.byteLength(sql.slice(0, statement.rowsAt))
  return { parameters, statement, rows: rowsOf(text.subarray(rowsAt)) }
}

async function* rowsOf(inlineRows: Uint8Array, body?: IncomingMessage): AsyncGenerator<Uint8Array> {
  if (inlineRows.length > 0) yield inlineRows
  if (body !== undefined) yield* decodedBody(body) as AsyncIterable<Uint8Array>
}
