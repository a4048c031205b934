import { pythonLiteral, typescriptLiteral } from './literals.js'

/** A request to show: never with a key, which stands in the variable COUNTINGHOUSE_KEY. */
export interface SnippetRequest {
  method: string
  /** whole, with its query string */
  url: string
  /** false where no key is needed */
  needsKey?: boolean
  /** besides the key and the type of the body */
  headers?: Record<string, string>
  /** what is sent as JSON */
  json?: unknown
  /** or a file beside the program */
  file?: { name: string; type: string }
  /** what comes back; JSON when not given */
  answer?: 'json' | 'text' | 'none'
}

export type SnippetLanguage = 'curl' | 'typescript' | 'python'

export const SNIPPET_LANGUAGES: readonly { id: SnippetLanguage; title: string }[] = [
  { id: 'curl', title: 'curl' },
  { id: 'typescript', title: 'TypeScript' },
  { id: 'python', title: 'Python' },
]

const WRITERS: Record<SnippetLanguage, (request: SnippetRequest) => string> = { curl, typescript, python }

/** A program that sends the request and prints the answer; it runs as it stands, with nothing but its language. */
export function snippetOf(language: SnippetLanguage, request: SnippetRequest): string {
  return WRITERS[language](request)
}

function curl(request: SnippetRequest): string {
  const { method, url, json, file } = request
  const hasBody = json !== undefined || file !== undefined
  const isImplied = method === (hasBody ? 'POST' : 'GET')
  const parts = [
    `curl ${isImplied ? '' : `-X ${method} `}${shellText(url)}`,
    ...(needsKey(request) ? ['-H "x-api-key: $COUNTINGHOUSE_KEY"'] : []),
    ...Object.entries(headersOf(request)).map(([name, value]) => `-H ${shellText(`${name}: ${value}`)}`),
    ...(json === undefined ? [] : [`-d ${shellText(JSON.stringify(json, null, 2))}`]),
    ...(file ? [`--data-binary ${shellText(`@${file.name}`)}`] : []),
  ]
  return parts.join(' \\\n  ')
}

function typescript(request: SnippetRequest): string {
  const { method, url, json, file, answer = 'json' } = request
  const headers = Object.entries(headersOf(request)).map(
    ([name, value]) => `${typescriptLiteral(name)}: ${typescriptLiteral(value)}`,
  )
  if (needsKey(request)) headers.unshift(`'x-api-key': process.env.COUNTINGHOUSE_KEY ?? ''`)
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(headers.length > 0 ? [`headers: { ${headers.join(', ')} }`] : []),
    ...(json === undefined ? [] : [`body: JSON.stringify(${typescriptLiteral(json, 1)})`]),
    ...(file ? [`body: await readFile(${typescriptLiteral(file.name)})`] : []),
  ]
  const given = options.length > 0 ? `, {\n${options.map((option) => `  ${option},\n`).join('')}}` : ''
  const read = { json: 'await response.json()', text: 'await response.text()', none: 'response.status' }[answer]
  return [
    ...(file ? ["import { readFile } from 'node:fs/promises'", ''] : []),
    `const response = await fetch(${typescriptLiteral(url)}${given})`,
    'if (!response.ok) throw new Error(await response.text())',
    `console.log(${read})`,
  ].join('\n')
}

function python(request: SnippetRequest): string {
  const { method, url, json, file, answer = 'json' } = request
  const headers = Object.entries(headersOf(request)).map(
    ([name, value]) => `${pythonLiteral(name)}: ${pythonLiteral(value)}`,
  )
  if (needsKey(request)) headers.unshift('"x-api-key": os.environ["COUNTINGHOUSE_KEY"]')
  const options = [
    ...(method === 'GET' ? [] : [`method=${pythonLiteral(method)}`]),
    ...(headers.length > 0 ? [`headers={${headers.join(', ')}}`] : []),
    ...(json === undefined ? [] : [`data=json.dumps(${pythonLiteral(json, 1)}).encode()`]),
    ...(file ? [`data=open(${pythonLiteral(file.name)}, "rb").read()`] : []),
  ]
  const read = { json: 'json.load(response)', text: 'response.read().decode()', none: 'response.status' }[answer]
  const imports = ['json', 'os'].filter((name) => `${options.join()}${read}`.includes(`${name}.`))
  return [
    ...[...imports, 'urllib.request'].map((name) => `import ${name}`),
    '',
    `request = urllib.request.Request(\n${[pythonLiteral(url), ...options].map((part) => `    ${part},\n`).join('')})`,
    'with urllib.request.urlopen(request) as response:',
    `    print(${read})`,
  ].join('\n')
}

function needsKey({ needsKey: needed = true }: SnippetRequest): boolean {
  return needed
}

function headersOf({ headers = {}, json, file }: SnippetRequest): Record<string, string> {
  const type = file?.type ?? (json === undefined ? undefined : 'application/json')
  return type === undefined ? headers : { 'content-type': type, ...headers }
}

function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
