import { once } from 'node:events'
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import { requestOutbound, TargetRefusedError } from '../../../common/http/outbound-request.js'
import { privateTarget, type OutboundRule } from '../../../common/http/outbound-target.js'
import { PrivateAddressError } from '../../../common/http/public-address.js'
import type { FoundObject, HttpLocation, HttpSecrets, KnownObject } from '../source.js'
import { SourceError } from '../source.errors.js'
import { baseName, type OpenedObject, type SourceReader } from './source-reader.js'

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** A server that sends nothing for so long is given up. */
const IDLE_MS = 60_000
/** However slowly it sends, a file has to be there by then. */
const MAX_READ_MS = 4 * 3_600_000

/** Files behind URLs, by GET with what is known of them. */
export class HttpReader implements SourceReader {
  constructor(
    private readonly location: HttpLocation,
    private readonly secrets: HttpSecrets | null,
    private readonly rule: OutboundRule,
    private readonly signal: AbortSignal,
  ) {}

  async *list(): AsyncGenerator<FoundObject[]> {
    yield this.location.urls.map((url) => ({ location: url, size: null, etag: null, modifiedAt: null, version: null }))
  }

  async open({ location }: FoundObject, known: KnownObject | undefined): Promise<OpenedObject | undefined> {
    const response = await this.get(new URL(location), conditionsOf(known))
    const found = foundOf(location, response)
    const isUnchanged =
      response.statusCode === 304 || (found.version !== null && found.version === known?.loadedVersion)
    if (isUnchanged) {
      response.destroy()
      return undefined
    }
    return {
      found,
      fileName: fileNameOf(location),
      contentType: response.headers['content-type'] ?? '',
      contentEncoding: response.headers['content-encoding'],
      expectedBytes: found.size ?? undefined,
      stream: response,
      ensureWhole: async () => undefined,
      close: async () => void response.destroy(),
    }
  }

  close(): void {
    return
  }

  /** The response with 200 or 304. Secret headers go to the URL's own origin alone, wherever it redirects to. */
  private async get(url: URL, conditions: Record<string, string>): Promise<IncomingMessage> {
    let target = url
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const headers = { ...(target.origin === url.origin && this.secrets?.headers), ...conditions }
      const response = await this.request(target, headers, redirects > 0)
      const { statusCode = 0 } = response
      if (statusCode === 200 || statusCode === 304) return response
      response.destroy()
      if (!REDIRECTS.has(statusCode)) throw new SourceError(`The server responded with ${statusInWords(statusCode)}.`)
      target = redirectTarget(response.headers.location, target)
    }
    throw new SourceError(`The server redirects more than ${MAX_REDIRECTS} times.`)
  }

  private async request(url: URL, headers: Record<string, string>, isRedirected: boolean): Promise<IncomingMessage> {
    try {
      const request = requestOutbound(url, this.rule, {
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(MAX_READ_MS)]),
        timeout: IDLE_MS,
        // As it is: what a server compresses anew each time has another hash each time.
        headers: { 'user-agent': 'Countinghouse', accept: '*/*', 'accept-encoding': 'identity', ...headers },
      })
      const tooSlow = new SourceError(`The server sent nothing for ${IDLE_MS / 1000} s.`)
      const giveUp = (): void => void request.destroy(tooSlow)
      request.on('timeout', giveUp)
      request.end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      request.off('timeout', giveUp).on('timeout', () => response.destroy(tooSlow))
      // From here on the response tells of what goes wrong.
      request.on('error', () => undefined)
      return response
    } catch (error) {
      throw this.signal.aborted ? error : failureOf(error, this.rule, isRedirected)
    }
  }
}

/** What makes a server say that nothing has changed; nothing where it is to be read whatever it is. */
function conditionsOf(known: KnownObject | undefined): Record<string, string> {
  if (!known || known.loadedVersion === null) return {}
  const { etag, modifiedAt } = known
  return {
    ...(etag !== null && { 'if-none-match': etag }),
    ...(modifiedAt !== null && { 'if-modified-since': modifiedAt.toUTCString() }),
  }
}

function foundOf(location: string, { headers }: IncomingMessage): FoundObject {
  const length = Number(headers['content-length'] ?? NaN)
  const time = new Date(headers['last-modified'] ?? NaN)
  const etag = headers.etag ?? null
  const modifiedAt = Number.isNaN(time.getTime()) ? null : time
  const size = Number.isSafeInteger(length) ? length : null
  return { location, size, etag, modifiedAt, version: versionOf(etag, modifiedAt, size) }
}

function versionOf(etag: string | null, modifiedAt: Date | null, size: number | null): string | null {
  if (etag !== null) return `etag ${etag}`
  return modifiedAt && `modified ${modifiedAt.toISOString()} ${size ?? ''}`
}

function redirectTarget(location: string | undefined, from: URL): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw new SourceError('The server redirects without a URL to go to.')
  return new URL(location, from)
}

/** Without the query, which may hold a token. */
function fileNameOf(url: string): string {
  const { pathname, hostname } = new URL(url)
  const name = baseName(pathname) || hostname
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function statusInWords(status: number): string {
  return STATUS_CODES[status] ? `${status} (${STATUS_CODES[status]})` : String(status)
}

function failureOf(error: unknown, rule: OutboundRule, isRedirected: boolean): unknown {
  const subject = isRedirected ? 'The server redirects to a URL that' : 'The URL'
  if (error instanceof PrivateAddressError) return new SourceError(`${subject} ${privateTarget(rule)}.`, error)
  if (error instanceof TargetRefusedError)
    return new SourceError(`${subject} ${error.message.replace(/^the URL /, '')}.`, error)
  return error instanceof SourceError ? error : new SourceError(connectionProblem(error), error)
}

/** In words, without the address that was tried. */
export function connectionProblem(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name of the server cannot be looked up.'
  if (code === 'ECONNREFUSED') return 'The server refuses connections.'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'The server closed the connection.'
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'The server cannot be reached.'
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'The certificate of the server cannot be verified.'
  if (/^HPE_/.test(code)) return 'The response of the server is not valid HTTP.'
  return 'The connection to the server failed.'
}
