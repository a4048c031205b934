import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

type Policy = 'public' | 'any' | 'dashboards' | 'admin' | 'events' | 'metrics'

interface DocumentedRoute {
  method: string
  path: string
  policy: Policy
  /** of each success, the fields that its JSON must have; null: no JSON */
  success: Record<number, string[] | null>
  errors: string[]
}

const page = (fields: string[]) => ['data', 'pagination', ...fields.map((field) => `data[].${field}`)]
const within = (name: string, fields: string[]) => fields.map((field) => `${name}.${field}`)

const JOB = [
  ...['id', 'dataset', 'format', 'fileName', 'status', 'bytesTotal', 'bytesDone', 'rowsRead', 'rowsAccepted'],
  ...['rowsRejected', 'createdAt', 'startedAt', 'finishedAt', 'error', 'sha256', 'duplicate'],
  ...['deletedAt', 'rowsPerSecond', 'secondsRemaining'],
]
const USER = [
  ...['id', 'username', 'firstName', 'lastName', 'email', 'role', 'status', 'credits', 'rateLimitPerMinute'],
  ...['sendEvents', 'access', 'planId', 'createdAt'],
]
const CURRENT_USER = USER.filter((field) => field !== 'access')
const KEY = [
  ...['id', 'name', 'prefix', 'expiresAt', 'lastUsedAt', 'status', 'createdAt', 'sendEvents'],
  ...['creditLimit', 'creditUsage'],
]
const MANAGED_KEY = [...KEY, 'access']
const PLAN = ['id', 'name', 'credits', 'every', 'rollOver', 'rateLimitPerMinute', 'access', 'users', 'createdAt']
const GRANT = ['id', 'amount', 'remaining', 'priority', 'expiresAt', 'reason', 'voidedAt', 'createdAt']
const ENTRY = ['id', 'grantId', 'type', 'amount', 'balanceAfter', 'requestId', 'reason', 'createdAt']
const LOG = [
  ...['id', 'requestId', 'userId', 'method', 'endpoint', 'status', 'durationMs', 'creditsCharged', 'ip'],
  'timestamp',
]
const OWN_LOG = [...LOG, 'keyId', 'dataset', 'errorCode']
const ENGINE = [
  'name',
  'isUp',
  'isEmbedded',
  'latencyMs',
  'version',
  'usedBytes',
  'freeBytes',
  'lagSeconds',
  'waitingMessages',
]
const STATEMENT_MONTH = ['month', 'from', 'to', 'isFinal']
const STATEMENT = [
  ...[...STATEMENT_MONTH, 'userId', 'username', 'opening', 'granted', 'charged', 'released', 'expired', 'voided'],
  ...['closing', ...within('grants[]', ['reason', 'count', 'amount'])],
  ...within('usage[]', ['dataset', 'endpoint', 'requests', 'charged', 'released']),
]
const TOUCHING_OWN_KEY = ['VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT']
const DELIVERY = [
  ...['id', 'status', 'attempts', 'responseStatus', 'error', 'balance', 'threshold', 'createdAt', 'nextAttemptAt'],
  'deliveredAt',
]
const WEBHOOK = [
  ...['id', 'url', 'events', 'userId', 'status', 'disabledReason', 'previousSecretExpiresAt', 'createdAt'],
]
const WEBHOOK_DELIVERY = [
  ...['id', 'event', 'status', 'attempts', 'lastStatus', 'lastError', 'createdAt', 'deliveredAt', 'nextAttemptAt'],
]
const STATS = [
  ...['users', 'activeUsers', 'newUsersToday', 'lowCreditUsers', 'requests', 'requestsToday', 'errorsToday'],
  ...['creditsUsed', 'creditsUsedToday', 'dailyUsage', 'topEndpoints', 'ingestions', 'datasets'],
]
const REJECT = ['row', 'line', 'column', 'reason', 'value', 'raw']
const FILE_COLUMN = ['column', 'title', 'type', 'required', 'key']
const FILE_DATASET = ['name', 'title', 'description', 'alternatives', ...within('columns[]', FILE_COLUMN)]
const DATASET = ['name', 'title', 'members', 'rowCount', 'lastIngestion']
const DECLARED = [
  ...[...DATASET, 'id', 'key', 'timeDimension', 'price', 'fileOptions', 'revision', 'createdAt', 'updatedAt'],
  ...[...within('columns[]', ['name', 'type']), ...within('measures[]', ['name', 'type'])],
]
const PROPOSAL = [
  ...['dataset', 'fileOptions'],
  ...within('columns[]', ['source', 'name', 'type', 'confidence', 'nulls', 'examples', 'warnings']),
]
const SOURCE = [
  ...['id', 'dataset', 'name', 'type', 'schedule', 'isEnabled', 'options', 'hasSecrets', 'isRunning'],
  ...['createdAt', 'lastRunAt', 'lastError', 'consecutiveFailures', 'nextRunAt'],
]
const SOURCE_OBJECT = ['location', 'size', 'etag', 'modifiedAt', 'foundAt', 'state', 'ingestionId', 'error']
const CATEGORY = ['id', 'name', 'description', 'createdAt', 'updatedAt']
const PRODUCT = [
  ...['id', 'name', 'price', 'categoryId', 'stockQuantity', 'description', 'isActive', 'sold', 'createdAt'],
  'updatedAt',
]
const CUSTOMER = ['id', 'name', 'email', 'country', 'region', 'createdAt', 'updatedAt']
const ORDERED = ['id', 'productId', 'productName', 'quantity', 'price', 'totalPrice']
const ORDER = ['id', 'customerId', 'customerName', ...within('items[]', ORDERED), 'total', 'createdAt']
const reportOf = (fields: string[]) => ['refreshedAt', ...within('data[]', fields)]
const COUNTRY_REVENUE = ['country', 'productId', 'productName', 'totalRevenue', 'transactions']
const TOP_PRODUCT = ['productId', 'productName', 'purchaseCount', 'stockQuantity']
const MONTHLY_SALES = ['month', 'transactions', 'itemsSold', 'revenue']
const PRODUCT_REPORT = ['totalProducts', 'totalStock', 'averagePrice', 'recentProducts']
const TOP_CUSTOMER = ['id', 'name', 'totalSpent', 'totalOrders']
const VIEW = ['name', 'rows', 'durationMs', 'refreshedAt', 'lastError', 'lastErrorAt']
const METRICS = [
  ...['totalEvents', 'eventsByType', 'eventsBySource', 'eventsPerSecond', 'recentValues', 'timeSeries', 'regions'],
  'at',
]
const ISSUED = [...within('key', MANAGED_KEY), 'apiKey']
const ANSWER = [
  ...['data', 'columns[].name', 'columns[].type', ...within('page', ['limit', 'offset', 'returned', 'total'])],
  ...within('query', ['id', 'dataset', 'cached', 'elapsedMs', 'rowsRead']),
  ...within('credits', ['charged', 'remaining']),
]
const BAD = 'VALIDATION_FAILED'
const SESSION = ['role', 'userId', 'defaultRateLimitPerMinute']
const SIGNING_IN = [BAD, 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE']
const ENDPOINT = [
  ...['id', 'name', 'title', 'description', 'query', 'parameters', 'costCredits', 'cacheSeconds', 'revision', 'broken'],
  ...['createdAt', 'updatedAt'],
]
const AVAILABLE_ENDPOINT = [
  ...[
    'name',
    'title',
    'path',
    'parameters',
    'columns',
    'costCredits',
    'exportCostCredits',
    'perMillionRows',
    'cacheSeconds',
  ],
]
const SHAREABLE = [
  ...['id', 'name', 'description', 'visibility', 'owner', 'isOwn', 'mayChange', 'revision', 'createdAt', 'updatedAt'],
]
const SAVED_QUERY = [...SHAREABLE, 'dataset', 'query', 'view', 'broken']
const BOARD = [...SHAREABLE, 'refreshSeconds', 'tileCount']
const TILES = within('tiles[]', ['savedQueryId', 'savedQuery', 'text', 'x', 'y', 'w', 'h'])
const ASKING = [BAD, 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT']

const route = (
  method: string,
  path: string,
  policy: Policy,
  success: DocumentedRoute['success'],
  ...errors: string[]
): DocumentedRoute => ({ method, path, policy, success, errors })

/** The routes of a thing that admins write. */
const crud = (
  path: string,
  readers: Policy,
  fields: string[],
  creating: string[],
  deleting: string[],
): DocumentedRoute[] => [
  route('POST', path, 'admin', { 201: fields }, BAD, ...creating),
  route('GET', path, readers, { 200: page(fields) }, BAD),
  route('GET', `${path}/{id}`, readers, { 200: fields }, 'NOT_FOUND'),
  route('PATCH', `${path}/{id}`, 'admin', { 200: fields }, BAD, 'NOT_FOUND'),
  route('PUT', `${path}/{id}`, 'admin', { 200: fields }, BAD, 'NOT_FOUND'),
  route('DELETE', `${path}/{id}`, 'admin', { 204: null }, 'NOT_FOUND', ...deleting),
]

/** The routes of what whoever made it changes. */
const shareable = (path: string, listed: string[], one: string[]): DocumentedRoute[] => [
  route('GET', path, 'any', { 200: page(listed) }, BAD),
  route('POST', path, 'any', { 201: one }, BAD, 'CONFLICT'),
  route('GET', `${path}/{id}`, 'any', { 200: one }, 'NOT_FOUND'),
  route('PUT', `${path}/{id}`, 'any', { 200: one }, BAD, 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', `${path}/{id}`, 'any', { 204: null }, 'FORBIDDEN', 'NOT_FOUND'),
]

/** Every route of the HTTP contract; the errors are those besides the ones of the policy. */
const CONTRACT = [
  route('GET', '/health/live', 'public', { 200: ['status'] }),
  route('GET', '/health/ready', 'public', { 200: ['status', 'engines'], 503: ['status', 'engines'] }),
  route('GET', '/metrics', 'metrics', { 200: null }),
  route('GET', '/v1/admin/settings', 'admin', {
    200: within('data[]', ['name', 'value', 'isSecret', 'isSet', 'description']),
  }),
  route('GET', '/v1/admin/engines', 'admin', { 200: within('data[]', ENGINE) }),

  route(
    'POST',
    '/v1/ingestions',
    'admin',
    { 202: JOB, 200: JOB },
    BAD,
    'CONFLICT',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_FORMAT',
    'INGESTION_FAILED',
  ),
  route('GET', '/v1/ingestions', 'admin', { 200: page(JOB) }, BAD),
  route('GET', '/v1/ingestions/datasets', 'admin', { 200: page(FILE_DATASET) }, BAD),
  route('GET', '/v1/ingestions/{id}', 'admin', { 200: JOB }, 'NOT_FOUND'),
  route('POST', '/v1/ingestions/{id}/cancel', 'admin', { 200: JOB }, 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', '/v1/ingestions/{id}', 'admin', { 200: [...JOB, 'rowsDeleted', 'message'] }, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/ingestions/{id}/events', 'admin', { 200: null }, 'NOT_FOUND'),
  route('GET', '/v1/ingestions/{id}/rejects', 'admin', { 200: page(REJECT) }, BAD, 'NOT_FOUND'),

  route('POST', '/v1/query', 'any', { 200: ANSWER }, ...ASKING, 'INSUFFICIENT_CREDITS', 'QUERY_TIMEOUT'),
  route('POST', '/v1/query/dry-run', 'any', { 200: ['costCredits', 'estimatedRows'] }, ...ASKING),
  route('GET', '/v1/endpoints', 'any', { 200: page(AVAILABLE_ENDPOINT) }, BAD),
  route('GET', '/v1/endpoints/openapi.json', 'any', { 200: ['openapi', 'info', 'paths', 'components'] }),
  ...shareable('/v1/saved-queries', SAVED_QUERY, SAVED_QUERY),
  ...shareable('/v1/boards', BOARD, [...BOARD, ...TILES]),
  route('POST', '/mcp', 'any', { 200: [] }, BAD, 'FORBIDDEN'),
  route(
    'GET',
    '/v1/endpoints/{name}',
    'any',
    { 200: ANSWER },
    BAD,
    'NOT_FOUND',
    'INSUFFICIENT_CREDITS',
    'QUERY_TIMEOUT',
  ),
  route('GET', '/v1/admin/endpoints', 'admin', { 200: page(ENDPOINT) }, BAD),
  route('GET', '/v1/admin/endpoints/{name}', 'admin', { 200: ENDPOINT }, 'NOT_FOUND'),
  route('PUT', '/v1/admin/endpoints/{name}', 'admin', { 200: ENDPOINT }, BAD, 'CONFLICT'),
  route('DELETE', '/v1/admin/endpoints/{name}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('GET', '/v1/datasets', 'any', { 200: page(DATASET) }, BAD),
  route('GET', '/v1/datasets/{name}', 'any', { 200: DATASET }, 'NOT_FOUND'),
  route('GET', '/v1/datasets/{name}/values/{member}', 'any', { 200: ['data', 'pagination'] }, BAD, 'NOT_FOUND'),
  route('POST', '/v1/admin/datasets', 'admin', { 201: DECLARED }, BAD, 'CONFLICT'),
  route('GET', '/v1/admin/datasets', 'admin', { 200: page(DECLARED) }, BAD),
  route('GET', '/v1/admin/datasets/{name}', 'admin', { 200: DECLARED }, 'NOT_FOUND'),
  route('PATCH', '/v1/admin/datasets/{name}', 'admin', { 200: DECLARED }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', '/v1/admin/datasets/{name}', 'admin', { 204: null }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('POST', '/v1/admin/datasets/infer', 'admin', { 200: PROPOSAL }, BAD, 'UNSUPPORTED_FORMAT'),
  route('POST', '/v1/admin/datasets/{name}/sources', 'admin', { 201: SOURCE }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/admin/datasets/{name}/sources', 'admin', { 200: page(SOURCE) }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/admin/datasets/{name}/sources/{id}', 'admin', { 200: SOURCE }, 'NOT_FOUND'),
  route('PATCH', '/v1/admin/datasets/{name}/sources/{id}', 'admin', { 200: SOURCE }, BAD, 'NOT_FOUND'),
  route('DELETE', '/v1/admin/datasets/{name}/sources/{id}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('POST', '/v1/admin/datasets/{name}/sources/{id}/run', 'admin', { 202: SOURCE }, 'NOT_FOUND'),
  route('GET', '/v1/admin/datasets/{name}/sources/{id}/objects', 'admin', { 200: page(SOURCE_OBJECT) }, 'NOT_FOUND'),
  route('GET', '/v1/me', 'any', { 200: [...within('user', CURRENT_USER), 'credits', 'limits.rateLimitPerMinute'] }),
  route('GET', '/v1/me/usage', 'any', { 200: within('data[]', ['date', 'requests', 'creditsUsed', 'errors']) }, BAD),
  route('GET', '/v1/me/ledger', 'any', { 200: page(ENTRY) }, BAD),
  route('GET', '/v1/me/keys', 'any', { 200: page(KEY) }, BAD),
  route('POST', '/v1/me/keys', 'any', { 201: [...within('key', KEY), 'apiKey'] }, BAD, 'FORBIDDEN', 'CONFLICT'),
  route('POST', '/v1/me/keys/{id}/rotate', 'any', { 201: [...within('key', KEY), 'apiKey'] }, ...TOUCHING_OWN_KEY),
  route('DELETE', '/v1/me/keys/{id}', 'any', { 204: null }, ...TOUCHING_OWN_KEY),
  route('GET', '/v1/me/plan', 'any', { 200: ['plan'] }),
  route('GET', '/v1/me/requests', 'any', { 200: page(OWN_LOG) }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/me/statements', 'any', { 200: page(STATEMENT_MONTH) }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/me/statements/{month}', 'any', { 200: STATEMENT }, BAD, 'FORBIDDEN', 'NOT_FOUND'),
  route('GET', '/v1/admin/users/{id}/statements', 'admin', { 200: page(STATEMENT_MONTH) }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/admin/users/{id}/statements/{month}', 'admin', { 200: STATEMENT }, BAD, 'NOT_FOUND'),
  route(
    'POST',
    '/v1/payments/stripe',
    'public',
    { 200: ['received', 'credited'] },
    ...[BAD, 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'RATE_LIMITED', 'UNAVAILABLE'],
  ),
  route('POST', '/v1/me/tokens', 'any', { 201: ['token', 'expiresAt'] }, ...ASKING),
  route('POST', '/v1/session', 'public', { 201: [...SESSION, 'expiresAt'] }, ...SIGNING_IN),
  route('GET', '/v1/session', 'any', { 200: SESSION }),
  route('DELETE', '/v1/session', 'any', { 204: null }),

  route('POST', '/v1/admin/create-user', 'admin', { 201: [...within('user', USER), 'apiKey'] }, BAD, 'CONFLICT'),
  route('POST', '/v1/admin/add-credits', 'admin', { 200: ['userId', 'credits', 'grantId'] }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/admin/users', 'admin', { 200: page(USER) }, BAD),
  route('GET', '/v1/admin/users/{id}', 'admin', { 200: USER }, 'NOT_FOUND'),
  route(
    'GET',
    '/v1/admin/users/{id}/usage',
    'admin',
    { 200: within('data[]', ['date', 'requests', 'creditsUsed', 'errors']) },
    BAD,
    'NOT_FOUND',
  ),
  route('PATCH', '/v1/admin/users/{id}', 'admin', { 200: USER }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', '/v1/admin/users/{id}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('POST', '/users', 'admin', { 201: [...USER, 'apiKey'] }, BAD, 'CONFLICT'),
  route('GET', '/users', 'admin', { 200: page(USER) }, BAD),
  route('GET', '/users/{id}', 'admin', { 200: USER }, 'NOT_FOUND'),
  route('DELETE', '/users/{id}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('GET', '/users/sse', 'admin', { 200: null }),
  route('POST', '/v1/admin/plans', 'admin', { 201: PLAN }, BAD, 'CONFLICT'),
  route('GET', '/v1/admin/plans', 'admin', { 200: page(PLAN) }, BAD),
  route('GET', '/v1/admin/plans/{id}', 'admin', { 200: PLAN }, 'NOT_FOUND'),
  route('PATCH', '/v1/admin/plans/{id}', 'admin', { 200: PLAN }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', '/v1/admin/plans/{id}', 'admin', { 204: null }, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/admin/users/{id}/keys', 'admin', { 200: page(MANAGED_KEY) }, BAD, 'NOT_FOUND'),
  route('POST', '/v1/admin/users/{id}/keys', 'admin', { 201: ISSUED }, BAD, 'NOT_FOUND'),
  route('PATCH', '/v1/admin/users/{id}/keys/{keyId}', 'admin', { 200: MANAGED_KEY }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('DELETE', '/v1/admin/users/{id}/keys/{keyId}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('POST', '/v1/admin/users/{id}/keys/{keyId}/rotate', 'admin', { 201: ISSUED }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/admin/users/{id}/ledger', 'admin', { 200: page(ENTRY) }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/admin/users/{id}/grants', 'admin', { 200: page(GRANT) }, BAD, 'NOT_FOUND'),
  route('POST', '/v1/admin/grants/{id}/void', 'admin', { 200: GRANT }, 'NOT_FOUND'),
  route('PUT', '/v1/admin/users/{id}/low-balance', 'admin', { 200: ['threshold', 'url', 'secret'] }, BAD, 'NOT_FOUND'),
  route('GET', '/v1/admin/users/{id}/low-balance', 'admin', { 200: ['threshold', 'url'] }, 'NOT_FOUND'),
  route('DELETE', '/v1/admin/users/{id}/low-balance', 'admin', { 204: null }, 'NOT_FOUND'),
  route('GET', '/v1/admin/users/{id}/low-balance/deliveries', 'admin', { 200: page(DELIVERY) }, BAD, 'NOT_FOUND'),
  route('POST', '/v1/admin/webhooks', 'admin', { 201: [...WEBHOOK, 'secret'] }, BAD, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/admin/webhooks', 'admin', { 200: page(WEBHOOK) }, BAD),
  route('GET', '/v1/admin/webhooks/{id}', 'admin', { 200: WEBHOOK }, 'NOT_FOUND'),
  route('PATCH', '/v1/admin/webhooks/{id}', 'admin', { 200: WEBHOOK }, BAD, 'NOT_FOUND'),
  route('DELETE', '/v1/admin/webhooks/{id}', 'admin', { 204: null }, 'NOT_FOUND'),
  route('POST', '/v1/admin/webhooks/{id}/rotate', 'admin', { 201: [...WEBHOOK, 'secret'] }, BAD, 'NOT_FOUND'),
  route('POST', '/v1/admin/webhooks/{id}/test', 'admin', { 202: WEBHOOK_DELIVERY }, 'NOT_FOUND', 'CONFLICT'),
  route('GET', '/v1/admin/webhooks/{id}/deliveries', 'admin', { 200: page(WEBHOOK_DELIVERY) }, BAD, 'NOT_FOUND'),
  route(
    'POST',
    '/v1/admin/webhooks/{id}/deliveries/{deliveryId}/resend',
    'admin',
    { 202: WEBHOOK_DELIVERY },
    'NOT_FOUND',
    'CONFLICT',
  ),
  route('GET', '/api/revenue/countries', 'dashboards', { 200: [...reportOf(COUNTRY_REVENUE), 'pagination'] }, BAD),
  route('GET', '/api/products/top', 'dashboards', { 200: reportOf(TOP_PRODUCT) }),
  route('GET', '/api/sales/monthly', 'dashboards', { 200: reportOf(MONTHLY_SALES) }, BAD),
  route('GET', '/api/revenue/regions', 'dashboards', { 200: reportOf(['region', 'totalRevenue', 'itemsSold']) }),
  route('GET', '/v1/dashboard/overview', 'dashboards', { 200: ['productReport', 'topCustomers', 'refreshedAt'] }),
  route('GET', '/v1/dashboard/products', 'dashboards', { 200: [...PRODUCT_REPORT, 'refreshedAt'] }),
  route('GET', '/v1/dashboard/top-customers', 'dashboards', { 200: reportOf(TOP_CUSTOMER) }, BAD),
  route('GET', '/v1/admin/views', 'admin', { 200: reportOf(VIEW) }),
  route('POST', '/v1/admin/views/refresh', 'admin', { 200: [...reportOf(VIEW), 'durationMs'] }),

  route('GET', '/api/metrics', 'dashboards', { 200: METRICS }),
  route('GET', '/api/ws', 'dashboards', { 101: null }, BAD),
  route('GET', '/v1/realtime/stream', 'dashboards', { 200: null }),
  route('POST', '/v1/realtime/ticket', 'dashboards', { 201: ['ticket', 'expiresAt'] }),

  ...crud('/v1/categories', 'any', CATEGORY, ['CONFLICT'], ['CONFLICT']),
  ...crud('/v1/products', 'any', PRODUCT, ['NOT_FOUND'], ['CONFLICT']),
  route(
    'POST',
    '/v1/products/batch',
    'admin',
    { 201: within('data[]', PRODUCT) },
    ...[BAD, 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'IDEMPOTENCY_MISMATCH'],
  ),
  ...crud('/v1/customers', 'admin', CUSTOMER, ['CONFLICT'], ['CONFLICT']),
  ...crud('/v1/orders', 'admin', ORDER, ['NOT_FOUND', 'OUT_OF_STOCK'], []).filter(
    ({ method }) => !/PUT|PATCH/.test(method),
  ),

  route('POST', '/api/ingest', 'events', { 200: ['status', 'id'] }, ...ASKING),
  route(
    'POST',
    '/api/ingest/batch',
    'events',
    { 200: ['status', 'accepted', ...within('rejected[]', ['index', 'reason'])] },
    ...ASKING,
  ),

  route('GET', '/v1/admin/logs', 'admin', { 200: page(LOG) }, BAD),
  route('GET', '/v1/admin/requests', 'admin', { 200: page([...OWN_LOG, 'errorDetail', 'fromConsole']) }, BAD),
  route('GET', '/v1/admin/audit', 'admin', { 200: page(['id', 'actor', 'action', 'target', 'details', 'at']) }, BAD),
  route('GET', '/v1/admin/stats', 'admin', { 200: STATS }),
]

const ERRORS_OF_POLICY: Record<Policy, string[]> = {
  public: [],
  any: ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE'],
  dashboards: ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE'],
  admin: ['UNAUTHENTICATED', 'FORBIDDEN', 'UNAVAILABLE'],
  events: ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE'],
  metrics: ['UNAUTHENTICATED', 'FORBIDDEN', 'UNAVAILABLE'],
}

/** Routes of the framework, which are no operations of the API. */
const UNDOCUMENTED = ['/', '/favicon.svg', '/swagger', '/swagger-code.js', '/swagger-json', '/swagger-yaml']

/** Keys of an admin that open nothing, by what became of them. */
async function makeDeadKeys(server: TestServer): Promise<Record<string, string | null>> {
  const { id } = await Customer.create(server, 0, { role: 'admin' })
  const keys = `/v1/admin/users/${id}/keys`
  const issue = async (body: object = {}) => (await server.json('POST', keys, body)).body
  const [revoked, disabled, rotated] = [await issue(), await issue(), await issue()]
  const expiresAtMs = Date.now() + 3_000
  const expired = await issue({ expiresAt: new Date(expiresAtMs).toISOString() })
  await server.json('DELETE', `${keys}/${revoked.key.id}`)
  await server.json('PATCH', `${keys}/${disabled.key.id}`, { status: 'disabled' })
  await server.json('POST', `${keys}/${rotated.key.id}/rotate`, {})
  const [ofDisabled, ofDeleted] = [await Customer.create(server, 0), await Customer.create(server, 0)]
  await server.json('PATCH', `/v1/admin/users/${ofDisabled.id}`, { status: 'disabled' })
  await server.json('DELETE', `/v1/admin/users/${ofDeleted.id}`)
  await new Promise((resolve) => setTimeout(resolve, expiresAtMs + 100 - Date.now()))
  return {
    none: null,
    unknown: `ch_${'x'.repeat(43)}`,
    malformed: 'ch_x',
    revoked: revoked.apiKey,
    disabled: disabled.apiKey,
    rotated: rotated.apiKey,
    expired: expired.apiKey,
    'of a disabled user': ofDisabled.key,
    'of a deleted user': ofDeleted.key,
  }
}

/** The root key has no account. */
const IS_OF_ACCOUNT = /^\/v1\/me/

/** Without a body these say what is missing before they look for the id. */
const bodyNeeded = (method: string): boolean => method === 'PUT'

describe('the documentation', () => {
  let server: TestServer
  let member: Customer
  let viewer: Customer
  let admin: Customer
  let keyOfRole: Record<string, string>
  /** of each role, with an access policy */
  let restricted: { role: string; dashboards: boolean; key: string }[]
  let deadKeys: Record<string, string | null>
  let document: any

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000', TRUST_PROXY: '1' } })
    member = await Customer.create(server, 10)
    viewer = await Customer.create(server, 0, { role: 'viewer' })
    admin = await Customer.create(server, 0, { role: 'admin' })
    keyOfRole = { admin: admin.key, viewer: viewer.key, member: member.key }
    restricted = []
    for (const dashboards of [true, false])
      for (const role of Object.keys(keyOfRole)) {
        const { key } = await Customer.create(server, 10, { role, access: { dashboards } })
        restricted.push({ role, dashboards, key })
      }
    deadKeys = await makeDeadKeys(server)
    document = (await server.json('GET', '/swagger-json', undefined, null)).body
  })
  afterAll(async () => {
    await server?.stop()
  })

  /** With the error answers, which operations share, in their places. */
  const operationOf = ({ method, path }: DocumentedRoute) => {
    const operation = document.paths[path]?.[method.toLowerCase()]
    const responses = Object.entries<any>(operation.responses).map(([status, response]) => [
      status,
      response.$ref ? document.components.responses[response.$ref.split('/').at(-1)] : response,
    ])
    return { ...operation, responses: Object.fromEntries(responses) }
  }
  const resolved = (schema: any): any => {
    if (schema?.$ref) return resolved(document.components.schemas[schema.$ref.split('/').at(-1)])
    // Of several the first is what comes without a parameter.
    if (schema?.oneOf) return resolved(schema.oneOf[0])
    return schema?.allOf?.length === 1 ? resolved(schema.allOf[0]) : schema
  }
  /** The schema of `data[].name`, whose every step must be required. */
  const fieldOf = (schema: any, path: string): any =>
    path.split('.').reduce((parent, step) => {
      const name = step.replace('[]', '')
      const { properties = {}, required = [] } = resolved(parent) ?? {}
      expect(required, `${path} is required`).toContain(name)
      const field = resolved(properties[name])
      return step.endsWith('[]') ? field?.items : properties[name]
    }, schema)

  const FORMATS: Record<string, (value: any) => boolean> = {
    integer: (value) => Number.isInteger(value),
    uuid: (value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value),
    'date-time': (value) => /T.*Z$/.test(value) && !Number.isNaN(Date.parse(value)),
    date: (value) => /^\d{4}-\d\d-\d\d$/.test(value),
  }
  /** The places where a value is not of the type, enumeration or format that its schema has. */
  const misfitsOf = (given: any, value: any, path: string): string[] => {
    const schema = resolved(given)
    if (value === null) return given.nullable || schema.nullable ? [] : [`${path}: null`]
    if (schema.type === 'array') return value.flatMap((each: any) => misfitsOf(schema.items, each, `${path}[]`))
    if (schema.oneOf || schema.additionalProperties === true) return []
    if (schema.type === 'object')
      return Object.entries<any>(value).flatMap(([name, each]) =>
        misfitsOf(schema.properties?.[name] ?? schema.additionalProperties, each, `${path}.${name}`),
      )
    const isType = typeof value === (schema.type === 'integer' ? 'number' : schema.type)
    const isFormat = [schema.type, schema.format].every((name) => FORMATS[name]?.(value) ?? true)
    return isType && isFormat && (schema.enum?.includes(value) ?? true) ? [] : [`${path}: ${value}`]
  }

  it('has the routes of the contract and no other', () => {
    const documented = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.sort()).toEqual(CONTRACT.map(({ method, path }) => `${method} ${path}`).sort())
  })

  it('has every route that the server maps', () => {
    const mapped = [...server.output().matchAll(/Mapped \{(\S+), (\w+)\} route/g)].map(
      ([, path, method]) => `${method} ${path!.replace(/:(\w+)/g, '{$1}')}`,
    )
    expect(mapped.length).toBeGreaterThan(0)
    expect(mapped.sort()).toEqual(CONTRACT.map(({ method, path }) => `${method} ${path}`).sort())
  })

  it.each(CONTRACT)('says of $method $path what it does, who may call it and what it answers', (documented) => {
    const { policy, success, errors } = documented
    const operation = operationOf(documented)
    expect(operation.summary).toMatch(/\S/)
    expect(document.tags.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(operation.tags))
    const schemes = (operation.security ?? []).flatMap((each: object) => Object.keys(each))
    expect(schemes).toEqual(policy === 'public' ? [] : ['apiKey', 'bearer'])
    for (const [status, fields] of Object.entries(success)) {
      const answer = operation.responses[status]
      expect(answer, status).toBeDefined()
      const schema = answer.content?.['application/json']?.schema
      expect(schema === undefined, 'a body').toBe(fields === null)
      for (const field of fields ?? []) expect(fieldOf(schema, field), field).toBeDefined()
    }
    const problems = Object.values<any>(operation.responses)
      .map((response) => response.content?.['application/problem+json'])
      .filter(Boolean)
    for (const problem of problems)
      expect(problem).toMatchObject({
        schema: { $ref: '#/components/schemas/Problem' },
        example: { code: expect.any(String) },
      })
    const codes = problems.map(({ example }) => example.code)
    expect(codes).toEqual(expect.arrayContaining([...errors, ...ERRORS_OF_POLICY[policy]]))
    if (operation.requestBody)
      expect(codes).toEqual(expect.arrayContaining(['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT']))
    expect(operation.responses).not.toHaveProperty('default')
  })

  it.each(['/v1/query', '/v1/admin/create-user', '/v1/admin/add-credits'])(
    'says of %s how to send it twice',
    (path) => {
      const { parameters, responses } = document.paths[path].post
      const header = parameters.find(({ name }: { name: string }) => name === 'Idempotency-Key')
      expect(header).toMatchObject({ in: 'header', required: false, schema: { type: 'string', maxLength: 255 } })
      expect(header.description).toContain('24 hours')
      for (const status of [409, 422]) expect(responses).toHaveProperty(String(status))
    },
  )

  it('gives every field a type', () => {
    const untyped: string[] = []
    const visit = (schema: any, path: string): void => {
      if (!schema || schema.$ref) return
      const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]
      if (!schema.type && parts.length === 0) untyped.push(path)
      for (const [index, part] of parts.entries()) visit(part, `${path}(${index})`)
      for (const [name, property] of Object.entries<any>(schema.properties ?? {})) visit(property, `${path}.${name}`)
      if (schema.type === 'array') visit(schema.items ?? {}, `${path}[]`)
      // "object" alone says nothing.
      const isBare = schema.type === 'object' && !schema.properties && !schema.additionalProperties
      if (isBare && parts.length === 0) untyped.push(path)
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name)
    for (const each of CONTRACT) {
      const { parameters = [], requestBody, responses } = operationOf(each)
      const where = `${each.method} ${each.path}`
      for (const { name, schema } of parameters) visit(schema ?? {}, `${where} ?${name}`)
      for (const { content = {} } of [requestBody ?? {}, ...Object.values<any>(responses)])
        for (const [type, { schema }] of Object.entries<any>(content)) visit(schema ?? {}, `${where} ${type}`)
    }
    expect(untyped).toEqual([])
  })

  it('is the document that the repository has', async () => {
    const text = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')
    expect(JSON.parse(text), 'run "npm run openapi"').toEqual(document)
  })

  it('tells counts from exact decimals and doubles, and lets what has a default be left out', () => {
    const numbers: string[] = []
    const visit = (schema: any, path: string): void => {
      if (!schema) return
      if (schema.type === 'number' && !['decimal', 'double'].includes(schema.format)) numbers.push(path)
      const { properties = {}, required = [], items, additionalProperties, oneOf = [], allOf = [] } = schema
      for (const [name, property] of Object.entries<any>(properties)) {
        if (required.includes(name)) expect(property, `${path}.${name}`).not.toHaveProperty('default')
        visit(property, `${path}.${name}`)
      }
      for (const part of [items, additionalProperties, ...oneOf, ...allOf]) visit(part, path)
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name)
    for (const each of CONTRACT)
      for (const { name, required, schema } of operationOf(each).parameters ?? []) {
        visit(schema, `${each.path} ${name}`)
        if (required) expect(schema, `${each.path} ${name}`).not.toHaveProperty('default')
      }
    expect(numbers).toEqual([])
  })

  it('fills in no parameter that may be left out: a list is shown whole when it is tried out', () => {
    const parameters = Object.values<any>(document.paths).flatMap((operations) =>
      Object.values<any>(operations).flatMap((operation) => operation.parameters ?? []),
    )
    const optional = parameters.filter((each) => each.in === 'query' && !each.required)
    expect(optional.length).toBeGreaterThan(30)
    for (const { example, examples, schema } of optional)
      expect([example, examples, schema.example]).toEqual([undefined, undefined, undefined])
  })

  it('has examples for bodies that can be sent as they are', async () => {
    const { examples } = operationOf(CONTRACT.find(({ path }) => path === '/v1/query')!).requestBody.content[
      'application/json'
    ]
    expect(Object.keys(examples).length).toBeGreaterThan(1)
    for (const { value } of Object.values<any>(examples)) {
      const response = await server.json('POST', '/v1/query', value, member.key)
      expect(response).toMatchObject({ status: 200, body: { query: { dataset: value.dataset } } })
    }
    for (const path of ['/v1/admin/create-user', '/v1/admin/add-credits']) {
      const { schema } = operationOf(CONTRACT.find((each) => each.path === path)!).requestBody.content[
        'application/json'
      ]
      const example = Object.fromEntries(
        Object.entries<any>(resolved(schema).properties).map(([name, { example: value }]) => [name, value]),
      )
      const body = path.endsWith('credits') ? { ...example, userId: member.id } : example
      expect((await server.json('POST', path, body)).status).toBeLessThan(300)
    }
  })

  it('has an upload form that can be sent as Swagger UI shows it: fields in order, empty ones too', async () => {
    const { content } = operationOf(CONTRACT.find(({ path }) => path === '/v1/ingestions')!).requestBody
    expect(Object.keys(content)).toEqual(['multipart/form-data'])
    const form = new FormData()
    for (const [name, field] of Object.entries<any>(resolved(content['multipart/form-data'].schema).properties)) {
      if (field.format === 'binary')
        form.set(name, new Blob([[...transactionsCsv({ rows: 3, seed: 1 })].join('')]), 'x.csv')
      else form.set(name, name === 'wait' ? 'true' : (field.example ?? field.default ?? ''))
    }
    expect([...form.keys()].at(-1)).toBe('file')
    const response = await server.fetch('/v1/ingestions', { method: 'POST', body: form })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'succeeded', fileName: 'x.csv', rowsAccepted: 3 })
  })

  it('describes what the server really answers', async () => {
    for (const each of CONTRACT.filter(
      ({ method, path, success }) => method === 'GET' && !path.includes('{') && success[200],
    )) {
      const key = IS_OF_ACCOUNT.test(each.path) ? admin.key : server.rootKey
      const { body } = await server.json('GET', each.path, undefined, key)
      const described = resolved(operationOf(each).responses[200].content['application/json'].schema)
      const schema = resolved(described.oneOf?.[0] ?? described)
      const isThere = (name: string) => schema.required?.includes(name) || name in body
      expect(Object.keys(body).sort(), each.path).toEqual(Object.keys(schema.properties).filter(isThere).sort())
      expect(misfitsOf(schema, body, each.path)).toEqual([])
      if (!Array.isArray(body.data) || body.data.length === 0) continue
      const row = resolved(resolved(schema.properties.data).items)
      expect(Object.keys(body.data[0]).sort(), each.path).toEqual(Object.keys(row.properties).sort())
    }
  })

  it('loads in a browser, without a key', async () => {
    const answer = await fetch(`${server.url}/swagger`)
    expect(answer.status).toBe(200)
    const html = await answer.text()
    expect(html).toContain('Countinghouse')
    const scripts = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path]) => path!)
    expect(scripts.length).toBeGreaterThan(2)
    for (const path of scripts) {
      const asset = await fetch(new URL(path, `${server.url}/swagger`))
      expect(asset.status, path).toBe(200)
    }
    for (const path of UNDOCUMENTED) expect((await fetch(`${server.url}${path}`)).status).toBe(200)
  })

  /** Each from an address of its own: who fails often from one address is slowed down. */
  let callers = 0
  const statusFor = async (method: string, path: string, key: string | null): Promise<number> => {
    const caller = ++callers
    const address = `198.18.${caller >> 8}.${caller & 255}`
    const response = await server.fetch(path, { method, key, headers: { 'x-forwarded-for': address } })
    // A stream of events has no end.
    await response.body?.cancel()
    return response.status
  }
  const SOME_ID = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'

  it.each(CONTRACT)('$method $path lets in whom it should, and nobody else', async ({ method, path, policy }) => {
    const url = path.replace(/\{\w+\}/g, SOME_ID)
    const operation = document.paths[path][method.toLowerCase()]
    expect(operation['x-access']).toBe(policy)
    const readable = method === 'GET' ? ['admin', 'viewer'] : ['admin']
    const isForAll = policy === 'public' || policy === 'any' || policy === 'dashboards'
    const allowed = isForAll ? ['admin', 'viewer', 'member'] : readable
    expect(operation['x-roles']).toEqual(allowed)
    for (const [role, key] of Object.entries(keyOfRole)) {
      const status = await statusFor(method, url, key)
      if (allowed.includes(role)) expect([401, 403], `${role}: ${status}`).not.toContain(status)
      else expect(status, role).toBe(403)
      expect(status).toBeLessThan(500)
    }
    for (const { role, dashboards, key } of restricted) {
      const status = await statusFor(method, url, key)
      const isAllowed = allowed.includes(role) && (policy !== 'dashboards' || dashboards)
      const who = `${role} with ${dashboards ? '' : 'no '}dashboards: ${status}`
      if (isAllowed) expect([401, 403], who).not.toContain(status)
      else expect(status, who).toBe(403)
      expect(status, who).toBeLessThan(500)
    }
    expect([401, 403], 'the root key').not.toContain(await statusFor(method, url, server.rootKey))
    for (const [state, key] of Object.entries(deadKeys)) {
      const status = await statusFor(method, url, key)
      if (policy === 'public') expect([401, 403], state).not.toContain(status)
      else expect(status, state).toBe(401)
    }
  })

  it.each(CONTRACT.filter(({ path }) => path.includes('{')))(
    'says of $method $path that an unknown id is unknown, and that none is none',
    async ({ method, path }) => {
      expect(await statusFor(method, path.replace(/\{\w+\}/g, SOME_ID), server.rootKey)).toBe(
        bodyNeeded(method) ? 400 : 404,
      )
      expect([400, 404]).toContain(await statusFor(method, path.replace(/\{\w+\}/g, 'none'), server.rootKey))
    },
  )

  it("answers 404 for another user's key", async () => {
    const keyId = (await server.json('GET', `/v1/admin/users/${viewer.id}/keys`)).body.data[0].id
    const path = `/v1/admin/users/${member.id}/keys/${keyId}`
    expect((await server.json('PATCH', path, { name: 'mine' })).status).toBe(404)
    expect((await server.json('POST', `${path}/rotate`, {})).status).toBe(404)
    expect((await server.json('DELETE', path)).status).toBe(404)
    expect((await server.json('GET', '/v1/me', undefined, viewer.key)).status).toBe(200)
  })
})
