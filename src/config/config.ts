import { IsIn, IsInt, IsOptional, Matches, Max, Min, IsBoolean, IsString, IsNotEmpty } from 'class-validator'
import { IsCronExpression, IsOriginList, IsTrustProxy, IsUrlOf } from './config.decorators.js'
import { IsTopUpUrl } from './top-up-url.js'
import { IsEncryptionKey, NeedsEncryptionKey } from './encryption-key.js'

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const

/**
 * Every setting of a process, read once from the environment. The variable of a property is its name in upper snake
 * case (`queryCostCredits` is QUERY_COST_CREDITS); `.env.example` lists them all.
 * A URL that is not set means: the embedded engine (PostgreSQL, ClickHouse) or the in-process port (Redis, RabbitMQ).
 */
export class Config {
  @IsInt() @Min(0) @Max(65535) port = 8080
  @IsString() @IsNotEmpty() host = '0.0.0.0'

  @IsOptional() @IsUrlOf('postgres', 'postgresql') postgresUrl?: string
  /** Of POSTGRES_URL, where that has none; likewise the other two. As it is: no character needs encoding. */
  @IsOptional() @IsString() postgresPassword?: string
  @IsInt() @Min(2) @Max(1000) postgresPoolSize = 20
  @IsOptional() @IsUrlOf('http', 'https') clickhouseUrl?: string
  @IsOptional() @IsString() clickhouseUser?: string
  @IsOptional() @IsString() clickhousePassword?: string
  @Matches(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { message: 'must be a plain identifier' })
  clickhouseDatabase = 'countinghouse'
  /** Tables are spread over the nodes of this cluster of CLICKHOUSE_URL; see docs/scaling.md. */
  @IsOptional()
  @Matches(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, { message: 'must be the name of a cluster' })
  clickhouseCluster?: string
  @IsOptional() @IsUrlOf('redis', 'rediss') redisUrl?: string
  @IsOptional() @IsString() redisPassword?: string
  @IsOptional() @IsUrlOf('amqp', 'amqps') rabbitmqUrl?: string
  @IsOptional() @IsString() rabbitmqPassword?: string

  /** SHA-256, in hex, of the operator's root key. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/i, { message: 'must be the SHA-256 of the root key: 64 hexadecimal digits' })
  adminApiKey?: string

  /** Encrypts emails at rest: 32 bytes, base64 or hex. */
  @IsOptional() @IsEncryptionKey() encryptionKey?: string
  /** The key before, while what it encrypted is brought under the current one. */
  @IsOptional() @IsEncryptionKey() @NeedsEncryptionKey() encryptionKeyPrevious?: string

  @IsString() @IsNotEmpty() dataDir = './data'
  /** Where uploads wait for a worker; all API and worker processes must see the same folder. */
  @IsOptional() @IsString() @IsNotEmpty() spoolDir?: string
  /** Uploads leave this much of SPOOL_DIR's disk free. */
  @IsInt() @Min(0) spoolReserveBytes = 256 * 1024 ** 2
  /** Uploads that one user may have on their way; more get 429. */
  @IsInt() @Min(1) @Max(10_000) uploadsPerUser = 20
  @IsInt() @Min(1) maxUploadBytes = 20 * 1024 ** 3
  /** A compressed upload that grows beyond this fails: a small one may have no end. */
  @IsInt() @Min(1) maxDecompressedBytes = 200 * 1024 ** 3
  /** How many ingestions one process runs side by side. */
  @IsInt() @Min(1) @Max(64) ingestionConcurrency = 2
  /** Whether this process runs ingestions; `npm run worker` always does. */
  @IsBoolean() ingestionWorker = true
  /** Files are cut into chunks of about this size; memory is bounded by the chunks in flight. */
  @IsInt() @Min(64 * 1024) @Max(256 * 1024 ** 2) ingestionChunkBytes = 16 * 1024 ** 2
  /** A worker that gives no sign of life for this long loses its job to another one. */
  @IsInt() @Min(1) @Max(3600) ingestionLeaseSeconds = 10

  /** Folder sources of datasets lie below this folder, as seen by the processes that run ingestions; without it there are none. */
  @IsOptional() @IsString() @IsNotEmpty() sourcesDir?: string
  /** Sources may read from private and loopback addresses; only where every admin may reach what this machine reaches. */
  @IsBoolean() sourcesAllowPrivate = false

  /** Events that wait for ClickHouse may take this much memory; more are refused with 503. */
  @IsInt() @Min(1024) eventQueueBytes = 64 * 1024 ** 2
  /** Of them, the events of one user; more are refused with 429. */
  @IsInt() @Min(1024) eventQueueBytesPerUser = 32 * 1024 ** 2

  /** Live streams (WebSockets and server-sent events) that one user, and one key, may have open; more get 429. */
  @IsInt() @Min(1) @Max(5_000) liveStreamsPerUser = 100
  @IsInt() @Min(1) @Max(5_000) liveStreamsPerKey = 50

  @IsInt() @Min(0) @Max(1_000_000) queryCostCredits = 1
  @IsInt() @Min(1) @Max(3600) queryTimeoutSeconds = 30
  @IsInt() @Min(1024 * 1024) queryMaxMemoryBytes = 4 * 1024 ** 3
  @IsInt() @Min(1) queryMaxRowsToRead = 10_000_000_000
  @IsInt() @Min(0) @Max(86_400) queryCacheTtlSeconds = 60
  /** Queries and exports that one user may have running in the engine; more get 429. */
  @IsInt() @Min(1) @Max(1_000) queriesInFlightPerUser = 8
  /** Engine time that the queries of one user which fail, and so cost nothing, may take a minute; beyond it queries get 429. */
  @IsInt() @Min(1) @Max(3600) failedQuerySecondsPerMinute = 60
  /** Read a table without FINAL while it is proven that this changes nothing, and merge it when it is not. */
  @IsBoolean() queryAccelerators = true
  @IsInt() @Min(1) @Max(1_000_000) rateLimitPerMinute = 60
  @IsInt() @Min(1) @Max(3650) logRetentionDays = 90

  /** Webhooks may go to private and loopback addresses; only where every admin may reach what this machine reaches. */
  @IsBoolean() webhookAllowPrivate = false

  /** Where users buy credits, with {userId}, {username} and {email} in the places of what is known of them. */
  @IsOptional() @IsTopUpUrl() topUpUrl?: string
  /** Of the endpoint at Stripe that sends to POST /v1/payments/stripe; without it there is no such route. */
  @IsOptional()
  @Matches(/^whsec_\S+$/, { message: 'must be the signing secret of a webhook endpoint: whsec_...' })
  stripeWebhookSecret?: string

  /** When the materialized views are refreshed whatever happened, in UTC; changes of the data refresh them anyway. */
  @IsCronExpression() viewsRefreshCron = '0 */6 * * *'

  /** Whose `X-Forwarded-For`, `-Proto` and `-Host` are believed: a number of proxies in front, or their networks. */
  @IsTrustProxy() trustProxy = '0'
  /** The origins whose pages may call with a key or a token, as browsers send them; `https://app.example.com`. */
  @IsOriginList() corsOrigins = ''
  /** Connections that one address may hold open; those of a trusted proxy are not counted. */
  @IsInt() @Min(1) @Max(1_000_000) maxConnectionsPerAddress = 2000
  /** A request whose body sends nothing for so long is cut off; one that is no file or batch gets twice as long in all. */
  @IsInt() @Min(1) @Max(3600) bodyIdleSeconds = 15
  /** A bearer token that may read `GET /metrics` besides the admin keys. */
  @IsOptional() @IsString() @IsNotEmpty() metricsToken?: string
  /** Where a worker serves /health and /metrics; 0: nowhere. The API has them on its own port. */
  @IsInt() @Min(0) @Max(65535) metricsPort = 0
  /** Where traces go, by OTLP over HTTP; the SDK reads its other OTEL_ variables itself. */
  @IsOptional() @IsUrlOf('http', 'https') otelExporterOtlpEndpoint?: string
  @IsIn(LOG_LEVELS) logLevel: (typeof LOG_LEVELS)[number] = 'log'
  /** One JSON object a log line instead of text for people. */
  @IsBoolean() logJson = false
}
