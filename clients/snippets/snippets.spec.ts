import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { pythonLiteral, typescriptLiteral } from './literals.js'
import { operationRequest, type ApiDocument } from './operation-request.js'
import { SNIPPET_LANGUAGES, snippetOf, type SnippetRequest } from './snippets.js'

const ORIGIN = 'https://data.example.com'
const QUERY: SnippetRequest = {
  method: 'POST',
  url: `${ORIGIN}/v1/query`,
  json: {
    dataset: 'transactions',
    measures: ['revenue'],
    total: true,
    order: null,
    filters: [{ values: ["O'Neill"] }],
  },
}

describe('snippets', () => {
  it('in curl', () => {
    expect(snippetOf('curl', { method: 'GET', url: `${ORIGIN}/v1/me` })).toBe(
      `curl 'https://data.example.com/v1/me' \\\n  -H "x-api-key: $COUNTINGHOUSE_KEY"`,
    )
    const text = snippetOf('curl', QUERY)
    expect(text).toMatch(/^curl 'https:\/\/data.example.com\/v1\/query' \\\n/)
    expect(text).toContain(`-H 'content-type: application/json' \\\n  -d '{\n  "dataset"`)
    expect(text).toContain(`"O'\\''Neill"`)
    expect(snippetOf('curl', { method: 'DELETE', url: `${ORIGIN}/v1/x` })).toMatch(/^curl -X DELETE '/)
  })

  it('in TypeScript', () => {
    expect(snippetOf('typescript', QUERY)).toBe(`const response = await fetch('https://data.example.com/v1/query', {
  method: 'POST',
  headers: { 'x-api-key': process.env.COUNTINGHOUSE_KEY ?? '', 'content-type': 'application/json' },
  body: JSON.stringify({
    dataset: 'transactions',
    measures: ['revenue'],
    total: true,
    order: null,
    filters: [{ values: ['O\\'Neill'] }],
  }),
})
if (!response.ok) throw new Error(await response.text())
console.log(await response.json())`)
    expect(snippetOf('typescript', { method: 'GET', url: `${ORIGIN}/health/live`, needsKey: false })).toMatch(
      /^const response = await fetch\('https:\/\/data.example.com\/health\/live'\)\n/,
    )
  })

  it('in Python', () => {
    expect(snippetOf('python', QUERY)).toBe(`import json
import os
import urllib.request

request = urllib.request.Request(
    "https://data.example.com/v1/query",
    method="POST",
    headers={"x-api-key": os.environ["COUNTINGHOUSE_KEY"], "content-type": "application/json"},
    data=json.dumps({
        "dataset": "transactions",
        "measures": ["revenue"],
        "total": True,
        "order": None,
        "filters": [{"values": ["O'Neill"]}],
    }).encode(),
)
with urllib.request.urlopen(request) as response:
    print(json.load(response))`)
    const file = snippetOf('python', { method: 'POST', url: ORIGIN, file: { name: 'a.csv', type: 'text/csv' } })
    expect(file).toContain('data=open("a.csv", "rb").read()')
  })

  it.each(['', `"'\\`, '\n\t\u0000\u2028', '${x} `', '\\"', "\\'", 'ä€😀', '__proto__'])(
    'writes the text %j',
    (text) => {
      expect(runInNewContext(`(${typescriptLiteral({ 'a-b': text })})`)).toEqual({ 'a-b': text })
      expect(JSON.parse(pythonLiteral({ 'a-b': text }))).toEqual({ 'a-b': text })
    },
  )

  it('are there for every route of the document, with what it requires', () => {
    const file = new URL('../../openapi.json', import.meta.url)
    const document = JSON.parse(readFileSync(file, 'utf8')) as ApiDocument
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [path, method] as const),
    )
    expect(routes.length).toBeGreaterThan(100)
    for (const [path, method] of routes) {
      const request = operationRequest(document, path, method, ORIGIN)
      expect(request.url, path).not.toMatch(/[{}]|undefined/)
      for (const { id } of SNIPPET_LANGUAGES) {
        const text = snippetOf(id, request)
        expect(text, `${method} ${path}`).toContain(ORIGIN)
        expect(text, `${method} ${path}`).not.toMatch(/undefined|\[object/)
      }
    }
    const requestOf = (path: string, method: string) => operationRequest(document, path, method, ORIGIN)
    expect(requestOf('/v1/query', 'post').json).toMatchObject({ dataset: 'transactions' })
    expect(requestOf('/v1/me/tokens', 'post').json).toEqual({ expiresInSeconds: 900 })
    expect(requestOf('/v1/ingestions', 'post').file).toEqual({ name: 'data.csv', type: 'text/csv' })
    expect(requestOf('/health/live', 'get').needsKey).toBe(false)
  })
})
