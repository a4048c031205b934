import { isEmail } from 'class-validator'
import { createHash } from 'node:crypto'

/** One account as a file tells it; times are ISO texts, since it travels as JSON. */
export interface ImportedUser {
  row: number
  externalId: string
  username: string
  firstName: string | null
  lastName: string | null
  email: string | null
  createdAt: string | null
  deletedAt: string | null
  mergedAt: string | null
  parentExternalId: string | null
}

/** What is wrong with a record: the column, why, and the value at fault. */
export interface UserFault {
  column: string
  reason: string
  value: string
}

const MAX_CHARACTERS = 1_024
const MAX_ID_CHARACTERS = 255
const VALUE_IN_REASON = 100
/** Less than that is seconds: as milliseconds it would lie before 1973, as seconds it reaches to the year 5138. */
const MIN_MILLISECONDS = 100_000_000_000n
/** 9999-12-31T23:59:59.999Z */
const MAX_MILLISECONDS = 253_402_300_799_999n
const NOTHING = '-1'
const NO_TIME = -1n
/** sign, digits before the point, digits behind it, exponent */
const NUMBER = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/
/** of a number that may be a time */
const MAX_DIGITS = 20
const OUT_OF_RANGE = 10n ** 20n
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Reads a record of the dataset `users`, given the text of each column; a fault when a value cannot be taken as it is. */
export function readUser(row: number, textOf: (column: string) => string): ImportedUser | UserFault {
  const fault = firstFault(textOf)
  if (fault) return fault
  const text = (column: string): string | null => textOf(column).trim() || null
  const time = (column: string): string | null => timeOf(textOf(column).trim())
  const externalId = idOf(textOf('id'))
  const parent = idOf(textOf('parent_user_id'))
  return {
    row,
    externalId,
    username: usernameOf(externalId),
    firstName: text('first_name'),
    lastName: text('last_name'),
    email: text('email_address'),
    createdAt: time('created_at'),
    deletedAt: time('deleted_at'),
    mergedAt: time('merged_at'),
    parentExternalId: parent === '' || parent === NOTHING ? null : parent,
  }
}

export function isFault(read: ImportedUser | UserFault): read is UserFault {
  return 'reason' in read
}

function firstFault(textOf: (column: string) => string): UserFault | undefined {
  const checks: [column: string, check: (value: string) => string | undefined][] = [
    ['id', idFault],
    ['first_name', (value) => tooLong(value, MAX_CHARACTERS)],
    ['last_name', (value) => tooLong(value, MAX_CHARACTERS)],
    ['email_address', (value) => (value === '' || isEmail(value) ? undefined : '{value} is not an email address')],
    ['created_at', timeFault],
    ['deleted_at', timeFault],
    ['merged_at', timeFault],
    ['parent_user_id', (value) => tooLong(value, MAX_ID_CHARACTERS)],
  ]
  for (const [column, check] of checks) {
    const value = textOf(column)
    // PostgreSQL's text has no NUL.
    const reason = value.includes('\0') ? '{value} has a NUL byte' : check(value.trim())
    if (reason) return { column, reason: `${column}: ${reason.replace('{value}', () => quoted(value))}`, value }
  }
  return undefined
}

function idFault(value: string): string | undefined {
  if (value === '' || value === NOTHING) return 'is required'
  return tooLong(value, MAX_ID_CHARACTERS)
}

function tooLong(value: string, most: number): string | undefined {
  return value.length > most && [...value].length > most ? `is longer than ${most} characters` : undefined
}

function timeFault(value: string): string | undefined {
  if (value === '') return undefined
  const number = wholeNumberOf(value)
  if (number === undefined) return '{value} is not an integer'
  if (number === NO_TIME) return undefined
  const milliseconds = millisecondsOf(number)
  return milliseconds >= 0n && milliseconds <= MAX_MILLISECONDS ? undefined : '{value} is out of range'
}

function timeOf(value: string): string | null {
  const number = wholeNumberOf(value)
  if (number === undefined || number === NO_TIME) return null
  return new Date(Number(millisecondsOf(number))).toISOString()
}

/** Exactly, of all the ways in which a file of another dataset may write an integer too: 17, 17.0, 1.7e1. */
function wholeNumberOf(value: string): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(value) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  if (whole + fraction === '') return undefined
  if (digits === '') return 0n
  const zeros = Number(exponent) - fraction.length
  const magnitude = digits.length + zeros > MAX_DIGITS ? OUT_OF_RANGE : shifted(digits, zeros)
  return sign === '-' && magnitude !== undefined ? -magnitude : magnitude
}

/** With so many zeros behind it, or so many fewer; undefined where other digits would be lost. */
function shifted(digits: string, zeros: number): bigint | undefined {
  if (zeros >= 0) return BigInt(digits + '0'.repeat(zeros))
  const lost = digits.slice(zeros)
  return -zeros < digits.length && /^0+$/.test(lost) ? BigInt(digits.slice(0, zeros)) : undefined
}

function millisecondsOf(number: bigint): bigint {
  return number < MIN_MILLISECONDS ? number * 1_000n : number
}

/** Two spellings of a UUID are one id. */
function idOf(value: string): string {
  const id = value.trim()
  return UUID.test(id) ? id.toLowerCase() : id
}

/**
 * `user-<id>` for integers and UUIDs. Names do not heed case and have an end, so any other id stands in its name as a
 * digest. It depends on the id alone: a file that comes again gives the same names.
 */
function usernameOf(externalId: string): string {
  const isPlain = /^\d{1,40}$/.test(externalId) || UUID.test(externalId)
  return `user-${isPlain ? externalId : createHash('sha256').update(externalId).digest('hex').slice(0, 32)}`
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, VALUE_IN_REASON))
}
