import type { ExecutionContext } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import Fastify from 'fastify'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { RouteSettings } from '../decorators/route-settings.decorator.js'
import { JsonBodyGuard } from './json-body.guard.js'

const host = { httpAdapter: { getInstance: () => Fastify() } } as unknown as HttpAdapterHost

/** Bodies through one guard, of a route whose bodies repeat or of another. */
class Bodies {
  private readonly guard = new JsonBodyGuard(host)

  constructor(private readonly takesQuery = true) {}

  async read(text: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'content-length': String(text.length) }
    const raw = Readable.from([Buffer.from(text)])
    const request = { raw, headers, bodyType: 'application/json', method: 'POST', body: undefined }
    const handler = (): void => undefined
    RouteSettings({ takesQuery: this.takesQuery })({}, 'handler', { value: handler })
    const context = { getArgByIndex: () => request, getHandler: () => handler }
    await this.guard.canActivate(context as unknown as ExecutionContext)
    return request.body
  }
}

describe('JsonBodyGuard', () => {
  it('parses a repeated query once: equal texts share a body that nobody can change', async () => {
    const bodies = new Bodies()
    const first = await bodies.read('{"filters":[{"values":[1]}]}')
    expect(first).toEqual({ filters: [{ values: [1] }] })
    expect(await bodies.read('{"filters":[{"values":[1]}]}')).toBe(first)
    expect(await bodies.read('{"filters":[{"values":[2]}]}')).toEqual({ filters: [{ values: [2] }] })
    expect(() => (first as { filters: { values: number[] }[] }).filters[0]!.values.push(3)).toThrow(TypeError)
  })

  it('refuses a wrong body every time', async () => {
    const bodies = new Bodies()
    for (let n = 0; n < 2; n++) {
      await expect(bodies.read('{"limit":1,"limit":2}')).rejects.toThrow('given more than once')
      await expect(bodies.read('{"limit":12345678901234567}')).rejects.toThrow('would be rounded')
      await expect(bodies.read('{"limit":1e999}')).rejects.toThrow('would be rounded')
      await expect(bodies.read('{"limit":')).rejects.toThrow('not valid JSON')
    }
  })

  it('remembers 2,000 short bodies, and forgets the one that was used longest ago', async () => {
    const bodies = new Bodies()
    const [first, second] = [await bodies.read('{"n":1}'), await bodies.read('{"n":2}')]
    for (let n = 3; n <= 2_000; n++) await bodies.read(`{"n":${n}}`)
    expect(await bodies.read('{"n":1}')).toBe(first)
    await bodies.read('{"n":2001}')
    expect(await bodies.read('{"n":1}')).toBe(first)
    expect(await bodies.read('{"n":2}')).not.toBe(second)
    const long = JSON.stringify({ text: 'a'.repeat(4_096) })
    expect(await bodies.read(long)).not.toBe(await bodies.read(long))
  })

  it('gives each request of any other route a body of its own', async () => {
    const bodies = new Bodies(false)
    expect(await bodies.read('{"key":"secret"}')).not.toBe(await bodies.read('{"key":"secret"}'))
  })
})
