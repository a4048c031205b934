import { describe, expect, it } from 'vitest'
import { anonymousCallerOf } from './anonymous-caller'

describe('who sent a request of no account', () => {
  it.each([
    ['GET', '/v1/admin/stats', 200, 'root key'],
    ['POST', '/v1/query', 402, 'root key'],
    ['GET', '/users/:id', 404, 'root key'],
    ['GET', '/v1/admin/users/:id', 404, 'root key'],
    ['POST', '/v1/query', 401, 'no key'],
    ['GET', '/v1/me', 403, 'no key'],
    ['POST', '/v1/session', 429, 'no key'],
    ['POST', '/v1/session', 201, 'no key'],
    ['DELETE', '/v1/session', 204, 'root key'],
    ['GET', '/', 200, 'no key'],
    ['GET', '/health/ready', 200, 'no key'],
    ['GET', '/wp-login.php', 404, 'no key'],
    ['GET', '/v1/no-such-route', 404, 'unknown'],
    ['GET', '/metrics', 200, 'unknown'],
  ])('%s %s answered with %i: %s', (method, endpoint, status, caller) => {
    expect(anonymousCallerOf({ method, endpoint, status })).toBe(caller)
  })
})
