import { describe, expect, it } from 'vitest'
import { originsOf, problemOfOrigins } from './origins.js'

describe('origins', () => {
  it.each(['', 'https://app.example.com', 'http://localhost:3000, https://app.example.com', 'http://[::1]:8080'])(
    'takes "%s"',
    (list) => {
      expect(problemOfOrigins(list)).toBeUndefined()
    },
  )

  it.each([
    ['*', 'https://app.example.com, not "*"'],
    ['null', 'not "null"'],
    ['app.example.com', 'https://app.example.com, not "app.example.com"'],
    ['https://shop.example/', 'https://shop.example, not "https://shop.example/"'],
    ['https://shop.example/cart', 'https://shop.example, not'],
    ['https://Shop.example', 'https://shop.example, not'],
    ['https://shop.example:443', 'https://shop.example, not'],
    ['https://user@shop.example', 'https://shop.example, not'],
    ['https://*.example', 'not "https://*.example"'],
    ['ftp://shop.example', 'not "ftp://shop.example"'],
    ['https://a.example https://b.example', 'not "https://a.example https://b.example"'],
  ])('refuses "%s", and names what it may mean', (list, message) => {
    expect(problemOfOrigins(`https://good.example,${list}`)).toContain(message)
  })

  it('are separated by commas', () => {
    expect(originsOf(' https://a.example ,,http://b.example:81')).toEqual(['https://a.example', 'http://b.example:81'])
  })
})
