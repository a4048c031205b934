import { IsIn, IsInt, IsOptional, Matches, Max, Min, IsBoolean, IsString, IsNotEmpty } from 'class-validator'
import { IsCronExpression, IsOriginList, IsTrustProxy, IsUrlOf } from './config.decorators.js'
import { Setting } from './setting.decorator.js'
import { IsTopUpUrl } from './top-up-url.js'
import { IsEncryptionKey, NeedsEncryptionKey } from './encryption-key.js'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const

/**
 * Every setting of a process, read once from the environment. The variable of a property is its name in upper snake
 * case (`queryCostCredits` is QUERY_COST_CREDITS); `.env.example` lists them all.
 * A URL that is not set means: the embedded engine (PostgreSQL, ClickHouse) or the in-process port (Redis, RabbitMQ).
 */
export class Config {
  @Setting('Where the API and the console listen.')
  @IsInt()
  @Min(0)
  @Max(65535)
  port = 8080
  @Setting('The address that they listen on; 0.0.0.0 is every one of this machine.')
  @IsString()
  @IsNotEmpty()
  host = '0.0.0.0'

  @Setting('The PostgreSQL server; without it an embedded one runs below DATA_DIR.', 'url')
  @IsOptional()
  @IsUrlOf('postgres', 'postgresql')
  postgresUrl?: string
  @Setting('Of POSTGRES_URL, where that has none; as it is: no character needs encoding.', 'secret')
  @IsOptional()
  @IsString()
  postgresPassword?: string
  @Setting('Connections to PostgreSQL that one process may open.')
  @IsInt()
  @Min(2)
  @Max(1000)
  postgresPoolSize = 20
  @Setting('The ClickHouse server; without it an embedded one runs below DATA_DIR.', 'url')
  @IsOptional()
  @IsUrlOf('http', 'https')
  clickhouseUrl?: string
  @Setting('Who signs in at CLICKHOUSE_URL.')
  @IsOptional()
  @IsString()
  clickhouseUser?: string
  @Setting('Of CLICKHOUSE_USER.', 'secret')
  @IsOptional()
  @IsString()
  clickhousePassword?: string
  @Setting('The database in ClickHouse that holds the tables.')
  @Matches(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { message: 'must be a plain identifier' })
  clickhouseDatabase = 'countinghouse'
  @Setting('Tables are spread over the nodes of this cluster of CLICKHOUSE_URL; see docs/scaling.md.')
  @IsOptional()
  @Matches(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, { message: 'must be the name of a cluster' })
  clickhouseCluster?: string
  @Setting('Cache and rate limits that all processes share; without it each process has its own, in memory.', 'url')
  @IsOptional()
  @IsUrlOf('redis', 'rediss')
  redisUrl?: string
  @Setting('Of REDIS_URL, where that has none.', 'secret')
  @IsOptional()
  @IsString()
  redisPassword?: string
  @Setting('The queue between API and workers; without it the queue is inside the process.', 'url')
  @IsOptional()
  @IsUrlOf('amqp', 'amqps')
  rabbitmqUrl?: string
  @Setting('Of RABBITMQ_URL, where that has none.', 'secret')
  @IsOptional()
  @IsString()
  rabbitmqPassword?: string

  @Setting("SHA-256, in hex, of the operator's root key; without it the first start makes a key.", 'secret')
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/i, { message: 'must be the SHA-256 of the root key: 64 hexadecimal digits' })
  adminApiKey?: string

  @Setting('Encrypts emails and secrets at rest: 32 bytes, base64 or hex.', 'secret')
  @IsOptional()
  @IsEncryptionKey()
  encryptionKey?: string
  @Setting('The key before, while what it encrypted is brought under the current one.', 'secret')
  @IsOptional()
  @IsEncryptionKey()
  @NeedsEncryptionKey()
  encryptionKeyPrevious?: string

  @Setting('Embedded engines and uploads live in this folder.')
  @IsString()
  @IsNotEmpty()
  dataDir = './data'
  @Setting('Where uploads wait for a worker; all API and worker processes must see the same folder.')
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  spoolDir?: string
  @Setting("Uploads leave this much of SPOOL_DIR's disk free.")
  @IsInt()
  @Min(0)
  spoolReserveBytes = 256 * 1024 ** 2
  @Setting('Uploads that one user may have on their way; more get 429.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  uploadsPerUser = 20
  @Setting('The largest upload.')
  @IsInt()
  @Min(1)
  maxUploadBytes = 20 * 1024 ** 3
  @Setting('A compressed upload that grows beyond this fails: a small one may have no end.')
  @IsInt()
  @Min(1)
  maxDecompressedBytes = 200 * 1024 ** 3
  @Setting('How many ingestions one process runs side by side.')
  @IsInt()
  @Min(1)
  @Max(64)
  ingestionConcurrency = 2
  @Setting('Whether this process runs ingestions; `npm run worker` always does.')
  @IsBoolean()
  ingestionWorker = true
  @Setting('Files are cut into chunks of about this size; memory is bounded by the chunks in flight.')
  @IsInt()
  @Min(64 * 1024)
  @Max(256 * 1024 ** 2)
  ingestionChunkBytes = 16 * 1024 ** 2
  @Setting('A worker that gives no sign of life for this long loses its job to another one.')
  @IsInt()
  @Min(1)
  @Max(3600)
  ingestionLeaseSeconds = 10

  @Setting(
    'Folder sources of datasets lie below this folder, as seen by the processes that run ingestions; without it there are none.',
  )
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  sourcesDir?: string
  @Setting(
    'Sources may read from private and loopback addresses; only where every admin may reach what this machine reaches.',
  )
  @IsBoolean()
  sourcesAllowPrivate = false

  @Setting('Events that wait for ClickHouse may take this much memory; more are refused with 503.')
  @IsInt()
  @Min(1024)
  eventQueueBytes = 64 * 1024 ** 2
  @Setting('Of EVENT_QUEUE_BYTES, the events of one user; more are refused with 429.')
  @IsInt()
  @Min(1024)
  eventQueueBytesPerUser = 32 * 1024 ** 2

  @Setting('Live streams (WebSockets and server-sent events) that one user may have open; more get 429.')
  @IsInt()
  @Min(1)
  @Max(5_000)
  liveStreamsPerUser = 100
  @Setting('Live streams that one key may have open; more get 429.')
  @IsInt()
  @Min(1)
  @Max(5_000)
  liveStreamsPerKey = 50

  @Setting('What a query costs where its dataset has no price.')
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  queryCostCredits = 1
  @Setting('How long a query may take; for an export, how long ClickHouse may send nothing.')
  @IsInt()
  @Min(1)
  @Max(3600)
  queryTimeoutSeconds = 30
  @Setting('Memory that one query may take in ClickHouse.')
  @IsInt()
  @Min(1024 * 1024)
  queryMaxMemoryBytes = 4 * 1024 ** 3
  @Setting('Rows that one query may read.')
  @IsInt()
  @Min(1)
  queryMaxRowsToRead = 10_000_000_000
  @Setting('How long results are cached; 0 turns the cache off.')
  @IsInt()
  @Min(0)
  @Max(86_400)
  queryCacheTtlSeconds = 60
  @Setting('Queries and exports that one user may have running in the engine; more get 429.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  queriesInFlightPerUser = 8
  @Setting(
    'Engine time that the queries of one user which fail, and so cost nothing, may take a minute; beyond it queries get 429.',
  )
  @IsInt()
  @Min(1)
  @Max(3600)
  failedQuerySecondsPerMinute = 60
  @Setting('Read a table without FINAL while it is proven that this changes nothing, and merge it when it is not.')
  @IsBoolean()
  queryAccelerators = true
  @Setting('Queries a minute of a user or key without a limit of its own.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  rateLimitPerMinute = 60
  @Setting('How many days the request log keeps.')
  @IsInt()
  @Min(1)
  @Max(3650)
  logRetentionDays = 90

  @Setting(
    'Webhooks may go to private and loopback addresses; only where every admin may reach what this machine reaches.',
  )
  @IsBoolean()
  webhookAllowPrivate = false

  @Setting('Where users buy credits, with {userId}, {username} and {email} in the places of what is known of them.')
  @IsOptional()
  @IsTopUpUrl()
  topUpUrl?: string
  @Setting(
    'Of the endpoint at Stripe that sends to POST /v1/payments/stripe; without it there is no such route.',
    'secret',
  )
  @IsOptional()
  @Matches(/^whsec_\S+$/, { message: 'must be the signing secret of a webhook endpoint: whsec_...' })
  stripeWebhookSecret?: string

  @Setting(
    'When the materialized views are refreshed whatever happened, in UTC; changes of the data refresh them anyway.',
  )
  @IsCronExpression()
  viewsRefreshCron = '0 */6 * * *'

  @Setting('Whose X-Forwarded-For, -Proto and -Host are believed: a number of proxies in front, or their networks.')
  @IsTrustProxy()
  trustProxy = '0'
  @Setting('The origins whose pages may call with a key or a token, as browsers send them; https://app.example.com.')
  @IsOriginList()
  corsOrigins = ''
  @Setting('Connections that one address may hold open; those of a trusted proxy are not counted.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  maxConnectionsPerAddress = 2000
  @Setting(
    'A request whose body sends nothing for so long is cut off; one that is no file or batch gets twice as long in all.',
  )
  @IsInt()
  @Min(1)
  @Max(3600)
  bodyIdleSeconds = 15
  @Setting('A bearer token that may read GET /metrics besides the admin keys.', 'secret')
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  metricsToken?: string
  @Setting('Where a worker serves /health and /metrics; 0: nowhere. The API has them on its own port.')
  @IsInt()
  @Min(0)
  @Max(65535)
  metricsPort = 0
  @Setting('Where traces go, by OTLP over HTTP; the SDK reads its other OTEL_ variables itself.', 'url')
  @IsOptional()
  @IsUrlOf('http', 'https')
  otelExporterOtlpEndpoint?: string
  @Setting("How much the process's own log says.")
  @IsIn(LOG_LEVELS)
  logLevel: (typeof LOG_LEVELS)[number] = 'log'
  @Setting('One JSON object a log line instead of text for people.')
  @IsBoolean()
  logJson = false
}
