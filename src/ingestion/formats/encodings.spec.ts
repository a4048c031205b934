import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodingOfLabel, sniffByteOrderMark, toUtf8, type TextEncoding } from './encodings.js'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function converted(bytes: Buffer, told?: TextEncoding, size = 3): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of toUtf8(pieces(bytes, size), told)) parts.push(part)
  return Buffer.concat(parts)
}

const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le')
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const TEXT = 'Straße,5 €,日本\n"😀 x",\u{10ffff}\r\n'

describe('toUtf8', () => {
  it.each([1, 2, 3, 5, 1000])('reads UTF-16 by its mark in pieces of %i bytes, whatever was told', async (size) => {
    for (const told of [undefined, 'windows-1252', 'utf-16le', 'utf-16be'] as const) {
      expect((await converted(utf16le(`\ufeff${TEXT}`), told, size)).toString()).toBe(TEXT)
      expect((await converted(utf16be(`\ufeff${TEXT}`), told, size)).toString()).toBe(TEXT)
    }
  })

  it('reads UTF-16 without a mark when it is told', async () => {
    expect((await converted(utf16le(TEXT), 'utf-16le')).toString()).toBe(TEXT)
    expect((await converted(utf16be(TEXT), 'utf-16be')).toString()).toBe(TEXT)
  })

  it('drops only the mark at the start', async () => {
    expect((await converted(utf16le('\ufeff\ufeffa'))).toString()).toBe('\ufeffa')
    expect((await converted(Buffer.from('\ufeffa'))).toString()).toBe('a')
  })

  it('passes UTF-8 on as it is, also when it is invalid', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x00])
    expect((await converted(bytes)).equals(bytes)).toBe(true)
  })

  it('reads every byte of windows-1252 as the WHATWG standard does', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const text = (await converted(bytes, 'windows-1252', 50)).toString()
    expect(text.slice(0, 0x80)).toBe(bytes.toString('latin1').slice(0, 0x80))
    expect(text.slice(0xa0)).toBe(bytes.toString('latin1').slice(0xa0))
    expect([...text.slice(0x80, 0xa0)].map((character) => character.codePointAt(0)!.toString(16)).join(' ')).toBe(
      '20ac 81 201a 192 201e 2026 2020 2021 2c6 2030 160 2039 152 8d 17d 8f ' +
        '90 2018 2019 201c 201d 2022 2013 2014 2dc 2122 161 203a 153 9d 17e 178',
    )
  })

  it('says where UTF-16 is broken', async () => {
    const message = (bytes: Buffer, told?: TextEncoding) => converted(bytes, told).then(String, String)
    expect(await message(utf16le('\ufeffab\nc\ud83d,d'))).toMatch(
      /not valid UTF-16LE: line 2 \(byte 10\) has half of a character/,
    )
    expect(await message(utf16be('a\nb\n\ude00'), 'utf-16be')).toMatch(/UTF-16BE: line 3 \(byte 8\) has half/)
    expect(await message(utf16le('\ud83d\ud83d\ude00'), 'utf-16le')).toMatch(/line 1 \(byte 0\)/)
    expect(await message(utf16le('\ufeffab\n\ud83d'))).toMatch(/line 2 \(byte 8\) has a character that is cut off/)
    expect(await message(utf16le('\ufeffab').subarray(0, 5))).toMatch(/line 1 \(byte 4\) has a character that is cut/)
  })

  it('refuses UTF-32', async () => {
    await expect(converted(Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]))).rejects.toThrow('UTF-32 is not supported')
    await expect(converted(Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x41]))).rejects.toThrow('UTF-32 is not supported')
  })

  it('gives nothing for an empty file or a mark alone', async () => {
    for (const hex of ['', 'fffe', 'feff', 'efbbbf']) expect(await converted(Buffer.from(hex, 'hex'))).toHaveLength(0)
  })

  it('gives back any text from either byte order in pieces of any size, and refuses any text that is not well-formed', async () => {
    const units = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x0a, 0x41, 0xd83d, 0xde00, 0xdbff)),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(units, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (codes, size, isBigEndian) => {
        const text = String.fromCharCode(...codes)
        const isWellFormed = !/\p{Surrogate}/u.test(text)
        const bytes = isBigEndian ? utf16be(`\ufeff${text}`) : utf16le(`\ufeff${text}`)
        // A NUL right behind the little-endian mark makes it the mark of UTF-32.
        fc.pre(codes[0] !== 0)
        const result = converted(bytes, undefined, size)
        if (isWellFormed) expect((await result).toString()).toBe(text)
        else await expect(result).rejects.toThrow('is not valid UTF-16')
      }),
      { numRuns: 500 },
    )
  })

  it('closes its source when nobody reads on', async () => {
    let isClosed = false
    async function* source(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.from('abcdef')
      } finally {
        isClosed = true
      }
    }
    for await (const part of toUtf8(source())) if (part.length > 0) break
    expect(isClosed).toBe(true)
  })
})

describe('encodingOfLabel', () => {
  it('knows the usual labels in any case, and no others', () => {
    expect(encodingOfLabel(' UTF-8 ')).toBe('utf-8')
    expect(encodingOfLabel('ISO-8859-1')).toBe('windows-1252')
    expect(encodingOfLabel('US-ASCII')).toBe('utf-8')
    expect(encodingOfLabel('CP1252')).toBe('windows-1252')
    expect(encodingOfLabel('utf-16')).toBe('utf-16le')
    for (const label of ['', 'ebcdic', 'constructor', 'utf-32']) expect(encodingOfLabel(label)).toBeUndefined()
  })
})

describe('sniffByteOrderMark', () => {
  it('tells the encoding, or nothing', () => {
    expect(sniffByteOrderMark(Buffer.from('fffe4100', 'hex'))).toBe('utf-16le')
    expect(sniffByteOrderMark(Buffer.from('feff0041', 'hex'))).toBe('utf-16be')
    expect(sniffByteOrderMark(Buffer.from('efbbbf41', 'hex'))).toBe('utf-8')
    for (const hex of ['', 'ff', 'efbb', '4142']) expect(sniffByteOrderMark(Buffer.from(hex, 'hex'))).toBeUndefined()
  })
})
