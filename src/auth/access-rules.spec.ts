import { describe, expect, it } from 'vitest'
import { EffectiveAccess } from './access/effective-access.js'
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

  it.each(['admin', 'viewer', 'member'] as const)('%s sees dashboards unless a policy has none', (role) => {
    const policy = (dashboards: boolean) => EffectiveAccess.of({ datasets: {}, endpoints: [], dashboards })
    expect(mayCall({ role, access: EffectiveAccess.UNRESTRICTED }, 'dashboards', 'GET')).toBe(true)
    expect(mayCall({ role, access: policy(true) }, 'dashboards', 'GET')).toBe(true)
    expect(mayCall({ role, access: policy(false) }, 'dashboards', 'GET')).toBe(false)
    expect(mayCall({ role, access: policy(false) }, 'any', 'POST')).toBe(true)
    expect(mayCall({ role, sendEvents: true, access: policy(false) }, 'events', 'POST')).toBe(true)
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
