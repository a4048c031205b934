import { Injectable, type OnApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { REVOCATION_CHECK_MS, StreamAuthorizationService } from '../auth/stream-authorization.service.js'
import type { LiveClient } from './live-client.js'
import { LiveHub } from './live-hub.js'

/** While keys cannot be checked, streams stay open for this time. */
const MAX_UNVERIFIED_MS = 10_000

type AccessState = 'valid' | 'revoked' | 'unknown'

/** Closes the streams whose key would not open them any more. */
@Injectable()
export class LiveAccess implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout
  private verifiedAtMs = performance.now()
  private isStopping = false

  constructor(
    private readonly hub: LiveHub,
    private readonly authorization: StreamAuthorizationService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => void this.check(), REVOCATION_CHECK_MS)
  }

  onApplicationShutdown(): void {
    this.isStopping = true
    clearTimeout(this.timer)
  }

  /** Clients with the same credential are checked once. */
  private async check(): Promise<void> {
    const groups = groupedByCredential(this.hub.all())
    const states = await Promise.all([...groups.values()].map((clients) => this.checkGroup(clients)))
    if (!states.includes('unknown')) this.verifiedAtMs = performance.now()
    if (!this.isStopping) this.onApplicationBootstrap()
  }

  private async checkGroup(clients: LiveClient[]): Promise<AccessState> {
    const state = await this.accessStateOf(clients[0]!.request)
    for (const { request } of clients) request.principal = clients[0]!.request.principal
    if (state === 'revoked') for (const client of clients) client.close('revoked')
    if (state === 'unknown' && performance.now() - this.verifiedAtMs > MAX_UNVERIFIED_MS)
      for (const client of clients) client.close('uncertain')
    return state
  }

  private async accessStateOf(request: FastifyRequest): Promise<AccessState> {
    return this.authorization.isStillAuthorized(request).then(
      (isAuthorized) => (isAuthorized ? 'valid' : 'revoked'),
      () => 'unknown',
    )
  }
}

function groupedByCredential(clients: LiveClient[]): Map<string, LiveClient[]> {
  const groups = new Map<string, LiveClient[]>()
  for (const client of clients) {
    const credential = credentialOf(client.request)
    const known = groups.get(credential)
    if (known) known.push(client)
    else groups.set(credential, [client])
  }
  return groups
}

/** Everything that can authenticate a request. */
function credentialOf({ headers, ticketPrincipal, ip }: FastifyRequest): string {
  return JSON.stringify([headers['x-api-key'], headers.authorization, headers.cookie, ticketPrincipal, ip])
}
