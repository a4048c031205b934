import { exception } from './exceptions.js'

/** What a request asks besides its SQL, taken from the URL and from a multipart body. */
export interface RequestParameters {
  query: string
  queryId?: string
  database?: string
  defaultFormat?: string
  user?: string
  password?: string
  waitEndOfQuery: boolean
  compressResponse: boolean
  /** Values as the HTTP interface writes them: TSV-escaped text. */
  queryParameters: [name: string, value: string][]
  settings: [name: string, value: string][]
}

// Parameters of the HTTP interface itself. All others are settings of the query.
const NOT_SETTINGS = new Set([
  ...['query', 'query_id', 'database', 'default_format', 'user', 'password', 'quota_key', 'role'],
  ...['wait_end_of_query', 'http_wait_end_of_query', 'buffer_size', 'http_response_buffer_size'],
  ...['enable_http_compression', 'http_zlib_compression_level', 'add_http_cors_header', 'stacktrace'],
  ...['session_timeout', 'session_check', 'close_session', 'send_progress_in_http_headers'],
  ...['http_headers_progress_interval_ms', 'cancel_http_readonly_queries_on_client_close'],
])
const REFUSED = new Set(['session_id', 'compress', 'decompress'])
const SETTING_NAME = /^[A-Za-z_][\w.]*$/
const PARAMETER_NAME = /^[A-Za-z_]\w*$/

/** Sorts the name-value pairs of a request. Throws on what this front does not offer. */
export function readParameters(pairs: Iterable<[string, string]>): RequestParameters {
  const given = [...pairs]
  const values = new Map(given)
  return {
    query: values.get('query') ?? '',
    queryId: values.get('query_id'),
    database: values.get('database'),
    defaultFormat: values.get('default_format'),
    user: values.get('user'),
    password: values.get('password'),
    waitEndOfQuery: isOn(values.get('wait_end_of_query')) || isOn(values.get('http_wait_end_of_query')),
    compressResponse: isOn(values.get('enable_http_compression')),
    queryParameters: given.filter(([name]) => name.startsWith('param_')).map(checkedQueryParameter),
    settings: given.filter(([name]) => isSetting(name)),
  }
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true'
}

function checkedQueryParameter([name, value]: [string, string]): [string, string] {
  const bare = name.slice('param_'.length)
  if (!PARAMETER_NAME.test(bare)) throw exception(36, 'BAD_ARGUMENTS', `Invalid name of a query parameter: ${name}.`)
  return [bare, value]
}

function isSetting(name: string): boolean {
  if (name.startsWith('param_') || NOT_SETTINGS.has(name)) return false
  if (REFUSED.has(name)) {
    throw exception(48, 'NOT_IMPLEMENTED', `The embedded engine does not support the parameter ${name}.`)
  }
  if (!SETTING_NAME.test(name)) throw exception(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'.`)
  return true
}
