import { describe, expect, it } from 'vitest'
import { privateTarget, targetProblem, type OutboundRule } from './outbound-target.js'

const ruleOf = (allowPrivate: boolean): OutboundRule => ({ allowPrivate, setting: 'WEBHOOK_ALLOW_PRIVATE' })
const PRIVATE_TARGET = privateTarget(ruleOf(false))

const problemOf = (url: string, allowPrivate = false): string | undefined =>
  targetProblem(new URL(url), ruleOf(allowPrivate))

describe('a request for others may go', () => {
  it.each([
    ...['http://example.com/', 'https://example.com./hooks', 'https://a.b-c.example.co.uk/', 'http://8.8.8.8/'],
    ...['http://EXAMPLE.com:80/', 'https://example.com:443/', 'https://example.com:80/', 'https://example.com:1024/'],
    ...['https://example.com:8443/', 'https://example.com:65535/', 'http://[2606:4700::1111]/'],
    ...[
      'https://xn--bcher-kva.example/',
      'https://bücher.example/',
      'https://local.example.com/',
      'https://mylocalhost.com/',
    ],
    ...['https://localhost.example.com/', 'https://internal.example.com/', 'https://my_hooks.example.com/'],
  ])('to %s', (url) => {
    expect(problemOf(url)).toBeUndefined()
  })
})

describe('a request for others may not go', () => {
  it.each([
    ...[
      'http://localhost/',
      'http://localhost./',
      'http://LOCALHOST/',
      'http://foo.localhost/',
      'http://a.b.localhost./',
    ],
    ...['http://ｌｏｃａｌｈｏｓｔ/', 'http://foo。localhost/', 'http://loc%61lhost/', 'http://localhost.localdomain/'],
    ...['http://printer.local/', 'http://printer.LOCAL./', 'http://metadata.google.internal/', 'http://internal./'],
    ...['http://nas.lan/', 'http://nas.home.arpa/', 'http://wiki.corp/', 'http://wiki.intranet/', 'http://nas.home/'],
    ...[
      'http://127.0.0.1/',
      'http://127.0.0.1./',
      'http://127.1/',
      'http://0x7f.1/',
      'http://2130706433/',
      'http://0/',
    ],
    ...['http://①②⑦.0.0.1/', 'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[2002:7f00:1::]/', 'http://[::]/'],
    ...['http://[64:ff9b::7f00:1]/', 'http://[::ffff:0:127.0.0.1]/', 'http://169.254.169.254/', 'http://192.168.1.1/'],
  ])('to %s: it is private', (url) => {
    expect(problemOf(url)).toBe(PRIVATE_TARGET)
    expect(problemOf(url, true)).toBeUndefined()
  })

  it.each([
    'http://redis/',
    'http://redis./',
    'http://ip6-localhost/',
    'http://example.com../',
    'http://-a.example.com/',
  ])('to %s: it is no full domain name', (url) => {
    expect(problemOf(url)).toContain('must name a host by a full domain name')
    expect(problemOf(url, true)).toBeUndefined()
  })

  it.each([
    22, 25, 0, 1, 21, 23, 53, 81, 110, 143, 465, 587, 993, 1023, 2049, 3306, 5432, 6000, 6379, 6667, 10080, 11211,
  ])('to port %i, also where private addresses are allowed', (port) => {
    for (const allowPrivate of [false, true])
      expect(problemOf(`http://example.com:${port}/`, allowPrivate)).toBe(
        `must use port 80, 443, or one from 1024 to 65535 that no other protocol is known for; ${port} is not allowed`,
      )
  })

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'gopher://127.0.0.1/', 'javascript:alert(1)'])(
    'to %s',
    (url) => {
      for (const allowPrivate of [false, true])
        expect(problemOf(url, allowPrivate)).toBe('must be a URL with http or https')
    },
  )

  it.each(['http://u:p@example.com/', 'http://user@127.0.0.1/'])('to %s: it holds a name or password', (url) => {
    for (const allowPrivate of [false, true])
      expect(problemOf(url, allowPrivate)).toBe('must not hold a user name or password')
  })
})
