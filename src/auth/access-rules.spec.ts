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
    expect(mayCall({ role }, policy, method)).toBe(allowed)
  })

  it.each([
    ['admin', false, true],
    ['viewer', false, false],
    ['viewer', true, true],
    ['member', false, false],
    ['member', true, true],
  ] as const)('%s with sendEvents %s may send events: %s', (role, sendEvents, allowed) => {
    expect(mayCall({ role, sendEvents }, 'events', 'POST')).toBe(allowed)
    // It opens nothing else.
    expect(mayCall({ role, sendEvents }, 'admin', 'POST')).toBe(role === 'admin')
  })
})
