import { describe, expect, it } from 'vitest'
import { formatPosition, parsePosition, type StreamPosition } from './user-stream-position.js'

describe('positions in the stream of users', () => {
  it.each<StreamPosition>([
    { phase: 'users', after: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11', since: { xid: '812', seq: '0' } },
    { phase: 'changes', after: { xid: '9007199254740993', seq: '17' } },
  ])('are told by the id of an event (%#)', (position) => {
    expect(parsePosition(formatPosition(position))).toEqual(position)
  })

  it.each([
    '',
    'users',
    'users:1',
    'users:1:1',
    'users:-1:019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
    'changes:1:',
    'changes:1:2:3',
    'changes:1e3:2',
    `changes:${'9'.repeat(20)}:1`,
  ])('are not told by %s', (text) => {
    expect(parsePosition(text)).toBeUndefined()
  })
})
