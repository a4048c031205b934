import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './load-config.js'

const problemsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('loadConfig', () => {
  it('gives the documented defaults for an empty environment', () => {
    expect(loadConfig({})).toMatchObject({ port: 8080, dataDir: './data', queryCostCredits: 1, rateLimitPerMinute: 60 })
  })

  it('types numbers and booleans and ignores empty values', () => {
    expect(loadConfig({ PORT: '9000', LOG_JSON: 'true', TRUST_PROXY: '2', REDIS_URL: '' })).toMatchObject({
      port: 9000,
      logJson: true,
      trustProxy: '2',
      redisUrl: undefined,
    })
  })

  it('names every bad value in one line each', () => {
    const problems = problemsOf({ PORT: 'eighty', POSTGRES_URL: 'foo', ADMIN_API_KEY: 'secret', LOG_LEVEL: 'loud' })
    expect(problems.map((line) => line.split(':')[0])).toEqual(['PORT', 'POSTGRES_URL', 'ADMIN_API_KEY', 'LOG_LEVEL'])
    expect(problems.join()).not.toContain('secret')
  })

  it('says what to write instead of TRUST_PROXY=true', () => {
    expect(problemsOf({ TRUST_PROXY: 'true' })).toEqual([
      'TRUST_PROXY: must be the number of proxies in front (1) or a list of their networks (10.0.0.0/8, ::1)',
    ])
  })

  it.each(['postgres://app@/postgres?host=%2Frun%2Fpg', 'postgresql://u:p@db:5432/x'])('accepts %s', (url) => {
    expect(loadConfig({ POSTGRES_URL: url }).postgresUrl).toBe(url)
  })

  it('puts passwords that are set apart into their URLs, encoded', () => {
    const config = loadConfig({
      POSTGRES_URL: 'postgres://app@db:5432/app',
      POSTGRES_PASSWORD: 'p@/#: %é',
      REDIS_URL: 'redis://cache:6379',
      REDIS_PASSWORD: 'p@/#',
      RABBITMQ_URL: 'amqp://app@queue:5672',
      RABBITMQ_PASSWORD: 'p@/#',
    })
    expect(config.postgresUrl).toBe('postgres://app:p%40%2F%23%3A%20%25%C3%A9@db:5432/app')
    expect(decodeURIComponent(new URL(config.postgresUrl!).password)).toBe('p@/#: %é')
    expect(config.redisUrl).toBe('redis://:p%40%2F%23@cache:6379')
    expect(config.rabbitmqUrl).toBe('amqp://app:p%40%2F%23@queue:5672')
  })

  it.each([
    ['postgres://app@/postgres?host=%2Frun', 'postgres://app:word@/postgres?host=%2Frun'],
    ['postgres://app:own@db/app', 'postgres://app:own@db/app'],
    [undefined, undefined],
  ])('makes of POSTGRES_URL=%s with a password %s', (url, expected) => {
    expect(loadConfig({ POSTGRES_URL: url, POSTGRES_PASSWORD: 'word' }).postgresUrl).toBe(expected)
  })

  it.each(['foo', 'http://x', 'postgres://', 'postgres://a b'])('refuses POSTGRES_URL=%s', (url) => {
    expect(problemsOf({ POSTGRES_URL: url })).toHaveLength(1)
  })
})
