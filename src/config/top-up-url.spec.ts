import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './load-config.js'
import { filledTopUpUrl } from './top-up-url.js'

const problemsOf = (url: string): string[] => {
  try {
    loadConfig({ TOP_UP_URL: url })
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('TOP_UP_URL', () => {
  it.each([
    'https://pay.example',
    'https://pay.example/?user={userId}&email={email}',
    'https://pay.example/{username}#{userId}',
  ])('may be %s', (url) => {
    expect(problemsOf(url)).toEqual([])
  })

  it.each([
    'http://pay.example/?user={userId}',
    'javascript:alert(1)//{userId}',
    'pay.example/{userId}',
    'https://{userId}.example/',
    'https://pay.example:{userId}/',
    'https://pay.example/?user={user}',
    'https://pay.example/?user={userId',
    'https://pay.example/?user={}',
    'https://pay.example/a b',
  ])('may not be %s', (url) => {
    expect(problemsOf(url)).toEqual([
      'TOP_UP_URL: must be a URL that starts with https:// and has, behind its host, no placeholders but {userId}, {username}, {email}',
    ])
  })

  it('takes encoded values', () => {
    const template = 'https://pay.example/{username}?user={userId}&email={email}&again={userId}'
    expect(filledTopUpUrl(template, { userId: '7', username: 'a/b', email: 'a+b&c=d@example.com' })).toBe(
      'https://pay.example/a%2Fb?user=7&email=a%2Bb%26c%3Dd%40example.com&again=7',
    )
    expect(filledTopUpUrl('https://pay.example/?email={email}', { userId: '7', username: 'a', email: null })).toBe(
      'https://pay.example/?email=',
    )
  })
})
