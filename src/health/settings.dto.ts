import { ApiProperty } from '@nestjs/swagger'

export class SettingState {
  /**
   * The environment variable
   * @example 'QUERY_TIMEOUT_SECONDS'
   */
  name: string

  /**
   * What is in force; of a URL without user, password and parameters; null: not set, or a secret
   * @example '30'
   */
  value: string | null

  /**
   * A secret's value is in no response
   * @example false
   */
  isSecret: boolean

  /**
   * False: the default is in force
   * @example false
   */
  isSet: boolean

  /**
   * What it does
   * @example 'How long a query may take; for an export, how long ClickHouse may send nothing.'
   */
  description: string
}

export class Settings {
  /** in the order of the configuration */
  data: SettingState[]
}

export class EngineHealth {
  /** @example 'clickhouse' */
  @ApiProperty({ enum: ['postgres', 'clickhouse', 'redis', 'rabbitmq'] })
  name: string

  /**
   * It answered a real query within 2 seconds
   * @example true
   */
  isUp: boolean

  /**
   * Started by this server below DATA_DIR
   * @example true
   */
  isEmbedded: boolean

  /**
   * How long the answer took, or was waited for
   * @example 1.8
   */
  @ApiProperty({ format: 'double' })
  latencyMs: number

  /**
   * null: not known
   * @example '26.7.2.1'
   */
  version: string | null

  /**
   * What its data takes: on disk, copies on other nodes not counted; of Redis in memory; null: not known
   * @example 52428800
   */
  usedBytes: number | null

  /**
   * On its fullest disk; null: not known
   * @example 107374182400
   */
  freeBytes: number | null

  /**
   * How far its slowest replica is behind; null: it has none, or not known
   * @example null
   */
  lagSeconds: number | null

  /**
   * Messages of a queue that wait to be delivered; null for the others
   * @example null
   */
  waitingMessages: number | null
}

export class EnginesHealth {
  /** without Redis and RabbitMQ where they are not used */
  data: EngineHealth[]
}
