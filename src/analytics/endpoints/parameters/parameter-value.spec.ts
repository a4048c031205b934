import { describe, expect, it } from 'vitest'
import type { ParameterType } from '../endpoint.js'
import { parseDeclaredValue, parseParameterValue } from './parameter-value.js'

const of = (type: ParameterType, values?: (string | number)[]) => ({ name: 'p', type, ...(values && { values }) })

describe('a value of a parameter', () => {
  it.each<[ParameterType, string, unknown]>([
    ['text', '', ''],
    ['text', ' a b ', ' a b '],
    ['number', '007.50', '7.5'],
    ['number', '-0.00', '0'],
    ['number', '123456789012345678901234567890.10', '123456789012345678901234567890.1'],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['date', '2024-02-29', '2024-02-29'],
  ])('%s takes %j', (type, text, value) => {
    expect(parseParameterValue(of(type), text)).toEqual({ value })
  })

  it.each<[ParameterType, string]>([
    ...['', '1e3', '1,5', ' 1', '0x10', '.5', '5.', 'NaN', '--1', '1 OR 1=1'].map((text): [ParameterType, string] => [
      'number',
      text,
    ]),
    ...['TRUE', '1', ''].map((text): [ParameterType, string] => ['boolean', text]),
    ...['2024-02-30', '2023-02-29', '2024-1-1', '2024-01-01T00:00:00Z', 'today', ''].map(
      (text): [ParameterType, string] => ['date', text],
    ),
  ])('%s refuses %j', (type, text) => {
    expect(parseParameterValue(of(type), text)).toHaveProperty('error')
  })

  it('is one of those that are allowed, numbers by what they are', () => {
    expect(parseParameterValue(of('number', [10, '2.50']), '2.5')).toEqual({ value: '2.5' })
    expect(parseParameterValue(of('number', [10, '2.50']), '10.0')).toEqual({ value: '10' })
    expect(parseParameterValue(of('text', ['Germany', 'France']), 'germany')).toEqual({
      error: '"germany" is not allowed. Did you mean "Germany"? Use Germany or France',
    })
  })

  it('stands in a declaration as JSON has it', () => {
    expect(parseDeclaredValue(of('number'), 1.5)).toEqual({ value: '1.5' })
    expect(parseDeclaredValue(of('boolean'), true)).toEqual({ value: true })
    for (const [type, value] of [
      ['text', 5],
      ['text', null],
      ['date', 20240101],
      ['number', true],
      ['boolean', 1],
      ['text', {}],
    ] as const)
      expect(parseDeclaredValue(of(type), value)).toHaveProperty('error')
  })
})
