import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrivateAddressError } from '../../../common/http/public-address.js'
import type { FoundObject } from '../source.js'
import { HttpReader } from './http-reader.js'

/** As if files.example.com were on the internet: only the connection goes to this machine. */
const lookup: LookupFunction = (name, options, callback) => {
  if (name !== 'files.example.com') return callback(new PrivateAddressError(), '')
  const address = { address: '127.0.0.1', family: 4 }
  if (options.all) callback(null, [address])
  else callback(null, address.address, address.family)
}

describe('a redirect of a public server', () => {
  let server: Server
  let location = ''
  const asked: string[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers.host!)
      if (request.url === '/moved') response.writeHead(302, { location }).end()
      else response.end('found')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const urlOf = (host: string, path: string): string =>
    `http://${host}:${(server.address() as AddressInfo).port}${path}`

  const opened = async (path: string) => {
    const url = urlOf('files.example.com', path)
    const rule = { allowPrivate: false, setting: 'SOURCES_ALLOW_PRIVATE', lookup } as const
    const reader = new HttpReader({ urls: [url] }, null, rule, new AbortController().signal)
    const object: FoundObject = { location: url, size: null, etag: null, modifiedAt: null, version: null }
    return reader.open(object, undefined)
  }

  it('is followed to a public one', async () => {
    location = urlOf('files.example.com', '/found')
    const object = await opened('/moved')
    expect((await object!.stream.toArray()).join('')).toBe('found')
  })

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', 'rebound.example.com'])(
    'is not followed to %s, which is private',
    async (host) => {
      location = urlOf(host, '/found')
      asked.length = 0
      await expect(opened('/moved')).rejects.toThrow(
        'The server redirects to a URL that must not lead to a private or loopback address; SOURCES_ALLOW_PRIVATE=true allows that.',
      )
      expect(asked).toEqual([new URL(urlOf('files.example.com', '/')).host])
    },
  )
})
