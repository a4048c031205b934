import { Injectable, type OnApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { StandingAccess } from '../keys/standing-access.service.js'
import type { LiveClient } from './live-client.js'
import { LiveHub } from './live-hub.js'

/** A revoked key closes its streams within this and the time for which a key is remembered, so about a second. */
const CHECK_EVERY_MS = 300
/** While keys cannot be checked, streams stay open for so long. */
const BENEFIT_OF_DOUBT_MS = 10_000

type Standing = 'stands' | 'revoked' | 'unknown'

/** Closes the streams whose key would not open them any more. */
@Injectable()
export class LiveAccess implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout
  private certainAtMs = performance.now()
  private isStopping = false

  constructor(
    private readonly hub: LiveHub,
    private readonly access: StandingAccess,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => void this.check(), CHECK_EVERY_MS)
  }

  onApplicationShutdown(): void {
    this.isStopping = true
    clearTimeout(this.timer)
  }

  /** Those who came in alike are looked at once. */
  private async check(): Promise<void> {
    const groups = groupedByCredential(this.hub.all())
    const standings = await Promise.all([...groups.values()].map((clients) => this.checkGroup(clients)))
    if (!standings.includes('unknown')) this.certainAtMs = performance.now()
    if (!this.isStopping) this.onApplicationBootstrap()
  }

  private async checkGroup(clients: LiveClient[]): Promise<Standing> {
    const standing = await this.standingOf(clients[0]!.request)
    for (const { request } of clients) request.caller = clients[0]!.request.caller
    if (standing === 'revoked') for (const client of clients) client.close('revoked')
    if (standing === 'unknown' && performance.now() - this.certainAtMs > BENEFIT_OF_DOUBT_MS)
      for (const client of clients) client.close('uncertain')
    return standing
  }

  private async standingOf(request: FastifyRequest): Promise<Standing> {
    return this.access.stands(request).then(
      (stands) => (stands ? 'stands' : 'revoked'),
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

/** All that can let somebody in. */
function credentialOf({ headers, heldKey, ip }: FastifyRequest): string {
  return JSON.stringify([headers['x-api-key'], headers.authorization, headers.cookie, heldKey, ip])
}
