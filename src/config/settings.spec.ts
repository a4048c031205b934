import { describe, expect, it } from 'vitest'
import { Config } from './config.js'
import { settingInfoOf } from './setting.decorator.js'
import { withoutCredentials } from './url-password.js'

describe('the settings', () => {
  it('all say in a sentence what they do', () => {
    for (const property of Object.keys(new Config())) expect(settingInfoOf(property).description).toMatch(/^[A-Z].*\.$/)
  })

  it('that hold a secret are shown to nobody', () => {
    const secrets = Object.keys(new Config()).filter((property) =>
      /password|secret|token|apiKey|encryption/i.test(property),
    )
    expect(secrets.length).toBeGreaterThan(7)
    for (const property of secrets) expect([property, settingInfoOf(property).shownAs]).toEqual([property, 'secret'])
    for (const property of ['postgresUrl', 'clickhouseUrl', 'redisUrl', 'rabbitmqUrl'])
      expect(settingInfoOf(property).shownAs).toBe('url')
  })

  it.each([
    ['postgres://app:p@ss@db.local:5432/app?sslpassword=x', 'postgres://db.local:5432/app'],
    ['redis://:secret@cache:6379/0', 'redis://cache:6379/0'],
    ['postgres://app@/db?host=/run', 'postgres:///db'],
    ['http://ch:8123', 'http://ch:8123'],
  ])('%s is shown as %s', (url, shown) => {
    expect(withoutCredentials(url)).toBe(shown)
  })
})
