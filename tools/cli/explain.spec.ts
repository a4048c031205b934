import { describe, expect, it } from 'vitest'
import { ConnectionError } from './api-errors.js'
import { explain } from './explain.js'
import { exactCreditsOf } from './format.js'

describe('what is said at a terminal', () => {
  it('of a connection that broke is what to do about the work at hand', () => {
    const broken = new ConnectionError(new Error('socket hang up'), true)
    const url = new URL('http://127.0.0.1:8080/')
    expect(explain(broken, url)).toMatch(/what is loaded is not loaded twice/)
    expect(explain(broken, url, 'query')).toMatch(/broke \(socket hang up\)\. Run the command again\. .*credits ledger/)
    expect(explain(broken, url, 'reading')).toMatch(/\(socket hang up\)\. Run the command again\.$/)
    expect(explain(broken, url, 'change')).toMatch(/Look whether the change was made/)
  })

  it('of credits keeps all digits', () => {
    expect(exactCreditsOf('9007199254740993')).toBe('9,007,199,254,740,993 credits')
    expect(exactCreditsOf('1')).toBe('1 credit')
  })
})
