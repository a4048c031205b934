import { describe, expect, it } from 'vitest'
import { ExceptionCut } from './exception-cut.js'

const TAG = 'abcdefghijklmnop'
const MARK = `\r\n__exception__\r\n${TAG}\r\n`
const EXCEPTION = 'Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED) (version 25)'

/** What is handed on of the pieces, each in memory that is written over afterwards, and what the failure says. */
function cut(pieces: string[], tag: string | undefined = TAG): { result: string; failure?: string } {
  const exceptionCut = new ExceptionCut(tag, 'result')
  const result = pieces.map((piece) => {
    const memory = Buffer.from(piece, 'latin1')
    const passed = exceptionCut.pass(memory).toString('latin1')
    memory.fill('?')
    return passed
  })
  const { failure } = exceptionCut
  if (!failure) result.push(exceptionCut.rest().toString('latin1'))
  return { result: result.join(''), failure: failure?.message }
}

const splits = (text: string): string[][] =>
  Array.from({ length: text.length + 1 }, (_unused, at) => [text.slice(0, at), text.slice(at)])

describe('ExceptionCut', () => {
  it('cuts an exception out wherever its mark is split', () => {
    for (const pieces of [...splits(`a,b\r\n1,2${MARK}${EXCEPTION}`), [...`a,b\r\n1,2${MARK}${EXCEPTION}`]]) {
      expect(cut(pieces)).toEqual({ result: 'a,b\r\n1,2', failure: 'Memory limit exceeded. ' })
    }
  })

  it('hands on what only looks like a mark, also at the end', () => {
    const almost = [MARK.slice(0, -1), `\r\n__exception__\r\nanother\r\n`, '\r\n\r\n__exception__\r\r\n', '\r']
    for (const text of almost) {
      for (const pieces of [...splits(`1${text}`), [...`1${text}`]]) expect(cut(pieces)).toEqual({ result: `1${text}` })
    }
  })

  it('finds the mark behind the beginning of another', () => {
    for (const pieces of splits(`1\r\n__exception__${MARK}${EXCEPTION}`)) {
      expect(cut(pieces)).toEqual({ result: '1\r\n__exception__', failure: 'Memory limit exceeded. ' })
    }
  })

  it('knows no mark without a tag', () => {
    expect(cut([`1${MARK}${EXCEPTION}`], '')).toEqual({ result: `1${MARK}${EXCEPTION}` })
  })

  it('keeps 16 KiB of an exception', () => {
    const { failure } = cut([`1${MARK}`, ...Array.from({ length: 100 }, () => 'x'.repeat(1000))])
    expect(failure).toBe('x'.repeat(16 * 1024))
  })
})
