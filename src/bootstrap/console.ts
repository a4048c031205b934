import fastifyStatic from '@fastify/static'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyReply } from 'fastify'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

/** Where `vite build` puts the console and the script of Swagger UI: beside the server's own code in dist. */
export const WEB_DIR = join(import.meta.dirname, '../../web')
/** What web/vite.config.ts writes where a page's own style elements are to be told from injected ones. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__'
const YEAR_SECONDS = 31_536_000

/** Serves the console at `/`. Its routes are behind `#`, so that none of them can be one of the API. */
export async function serveConsole(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance()
  const index = join(WEB_DIR, 'index.html')
  if (!existsSync(index)) {
    fastify.get('/', (_request, reply) => reply.redirect('/swagger'))
    return
  }
  // Scripts and styles carry a hash in their names.
  await app.register(fastifyStatic, {
    root: join(WEB_DIR, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    maxAge: YEAR_SECONDS * 1000,
    immutable: true,
    decorateReply: false,
  })
  fastify.get('/favicon.svg', async (_request, reply) => {
    const picture = await readFile(join(WEB_DIR, 'favicon.svg'))
    return reply.header('cache-control', 'max-age=86400').type('image/svg+xml').send(picture)
  })
  fastify.get('/', async (_request, reply) => {
    const page = await readFile(index, 'utf8')
    const nonce = randomBytes(16).toString('base64')
    return secured(reply, nonce).type('text/html; charset=utf-8').send(page.replaceAll(NONCE_PLACEHOLDER, nonce))
  })
}

/** Nothing from elsewhere, nothing inline but the styles that the page's own library adds, in nobody's frame. */
function secured(reply: FastifyReply, nonce: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return reply.headers({
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-cache',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  })
}
