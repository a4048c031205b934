import { describe, expect, it } from 'vitest'
import { mayCall } from './access-rules.js'

describe('mayCall', () => {
  it.each([
    ['admin', 'admin', 'DELETE', true],
    ['admin', 'any', 'POST', true],
    ['viewer', 'admin', 'GET', true],
    ['viewer', 'admin', 'HEAD', true],
    ['viewer', 'admin', 'POST', false],
    ['viewer', 'any', 'POST', true],
    ['member', 'any', 'POST', true],
    ['member', 'admin', 'GET', false],
    ['member', 'metrics', 'GET', false],
    ['viewer', 'metrics', 'GET', true],
  ] as const)('%s on a route for %s with %s: %s', (role, policy, method, allowed) => {
    expect(mayCall(role, policy, method)).toBe(allowed)
  })
})
