import { describe, expect, it } from 'vitest'
import { isSameProgress, throughputOf } from './throughput.js'

const JOB = {
  status: 'running' as const,
  bytesTotal: 1_000,
  bytesDone: 250,
  rowsRead: 50,
  attemptSeconds: 5,
  attemptFirstByte: 0,
  attemptFirstRow: 0,
}

describe('throughputOf', () => {
  it('tells rows a second and the time that is left by the bytes that are left', () => {
    expect(throughputOf(JOB)).toEqual({ rowsPerSecond: 10, secondsRemaining: 15 })
  })

  it('counts only what this attempt did', () => {
    const resumed = { ...JOB, attemptFirstByte: 150, attemptFirstRow: 40 }
    expect(throughputOf(resumed)).toEqual({ rowsPerSecond: 2, secondsRemaining: 38 })
  })

  it.each([
    ['before anything was read', { bytesDone: 0, rowsRead: 0 }],
    ['in the first moments', { attemptSeconds: 0.1 }],
    ['before it was taken up', { status: 'queued' as const, attemptSeconds: null }],
    ['between two attempts that read nothing yet', { attemptFirstByte: 250, attemptFirstRow: 50 }],
    ['when it has ended', { status: 'succeeded' as const, bytesDone: 1_000 }],
  ])('is unknown %s', (_name, change) => {
    expect(throughputOf({ ...JOB, ...change })).toEqual({ rowsPerSecond: null, secondsRemaining: null })
  })

  it('has no time left when all is read', () => {
    expect(throughputOf({ ...JOB, bytesDone: 1_000 }).secondsRemaining).toBe(0)
  })
})

it('takes an answer that differs in nothing but its pace for the same', () => {
  const answer = { id: 'a', rowsRead: 1, rowsPerSecond: 5, secondsRemaining: 2 }
  expect(isSameProgress(answer, { ...answer, rowsPerSecond: 4 })).toBe(true)
  const further = { ...answer, rowsRead: 2 }
  expect(isSameProgress(answer, further)).toBe(false)
})
