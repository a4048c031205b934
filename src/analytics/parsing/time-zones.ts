export * from '../../infrastructure/clickhouse/time-zones.js'
