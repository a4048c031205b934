import { describe, expect, it } from 'vitest'
import { readUser } from './user-row.js'

const RECORD: Record<string, string> = {
  id: '17',
  first_name: 'Ada',
  last_name: 'Lovelace',
  email_address: 'ada@example.com',
  created_at: '1700000000000',
  deleted_at: '-1',
  merged_at: '',
  parent_user_id: '-1',
}
const read = (change: Record<string, string> = {}) => readUser(3, (column) => ({ ...RECORD, ...change })[column] ?? '')

describe('readUser', () => {
  it('reads a record', () => {
    expect(read()).toEqual({
      row: 3,
      externalId: '17',
      username: 'user-17',
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      createdAt: '2023-11-14T22:13:20.000Z',
      deletedAt: null,
      mergedAt: null,
      parentExternalId: null,
    })
  })

  it.each([
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['1700000000123', '2023-11-14T22:13:20.123Z'],
    ['99999999999', '5138-11-16T09:46:39.000Z'],
    ['100000000000', '1973-03-03T09:46:40.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['253402300799999', '9999-12-31T23:59:59.999Z'],
    ['1700000000.0', '2023-11-14T22:13:20.000Z'],
    ['1.7e9', '2023-11-14T22:13:20.000Z'],
    ['+1700000000123.00', '2023-11-14T22:13:20.123Z'],
    ['17000000000e-1', '2023-11-14T22:13:20.000Z'],
    ['0e999', '1970-01-01T00:00:00.000Z'],
    ['-1', null],
    ['-1.0', null],
    ['', null],
  ])('takes the time %s for %s', (text, time) => {
    expect(read({ deleted_at: text })).toMatchObject({ deletedAt: time })
  })

  it.each([
    ['id', '', /is required/],
    ['id', '  ', /is required/],
    ['id', 'x'.repeat(256), /longer than 255/],
    ['first_name', 'é'.repeat(1_025), /longer than 1024/],
    ['last_name', 'a\0b', /NUL/],
    ['email_address', 'ada', /"ada" is not an email address/],
    ['email_address', 'ada@', /is not an email address/],
    ['created_at', 'yesterday', /"yesterday" is not an integer/],
    ['created_at', '1.5', /is not an integer/],
    ['created_at', '1.7000000005e9', /is not an integer/],
    ['created_at', '1e-3', /is not an integer/],
    ['created_at', '.', /is not an integer/],
    ['created_at', '-', /is not an integer/],
    ['created_at', '1e', /is not an integer/],
    ['created_at', '١٧', /is not an integer/],
    ['created_at', '1e999999999999', /out of range/],
    ['created_at', '-1e30', /out of range/],
    ['deleted_at', '-2', /out of range/],
    ['merged_at', '253402300800000', /out of range/],
    ['merged_at', '9'.repeat(40), /out of range/],
  ])('refuses %s = %s', (column, value, reason) => {
    expect(read({ [column]: value })).toEqual({ column, value, reason: expect.stringMatching(reason) })
  })

  it('gives names that do not collide when case is not heeded, and always the same ones', () => {
    const nameOf = (id: string) => (read({ id }) as { username: string }).username
    const uuid = '019AA4C2-7A3E-7CC1-B0A5-3F6F3F0F5A11'
    expect(nameOf(uuid)).toBe(`user-${uuid.toLowerCase()}`)
    expect(nameOf('abc')).not.toBe(nameOf('ABC'))
    expect(nameOf('abc')).toBe(nameOf('abc'))
    for (const id of [uuid, 'abc', 'x'.repeat(255), '1'.repeat(200)]) expect(nameOf(id).length).toBeLessThanOrEqual(64)
  })
})
