import { describe, expect, it } from 'vitest'
import { inWords, pathOfTarget, phraseOf } from './actions'
import { factsOf } from './details'

describe('an entry of the audit trail in words', () => {
  it('names the fields, and says yes, no and none', () => {
    expect(factsOf({ fields: ['stockQuantity', 'price'], sendEvents: false, planId: null, amount: 12000 })).toEqual([
      { name: 'Fields given', value: 'stock quantity, price' },
      { name: 'Send events', value: 'no' },
      { name: 'Plan ID', value: 'none' },
      { name: 'Amount', value: '12,000' },
    ])
  })

  it('says of before and after only what differs', () => {
    const facts = factsOf({ before: { title: 'Old', cost: 1 }, after: { title: 'New', cost: 1 } })
    expect(facts).toEqual([{ name: 'Title', value: 'Old → New' }])
    expect(factsOf({ before: { title: 'Old' } })).toEqual([{ name: 'Title', value: 'was Old' }])
  })

  it('has a phrase for what is not known yet, and no link to what is gone', () => {
    expect(phraseOf('dashboard.share')).toBe('Dashboard share')
    expect(inWords('rateLimitPerMinute')).toBe('Rate limit per minute')
    expect(pathOfTarget('user.delete', '1')).toBeUndefined()
    expect(pathOfTarget('credits.add', '1')).toBe('/users/1')
  })
})
