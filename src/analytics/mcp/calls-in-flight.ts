import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'

type RequestId = string | number

/**
 * The tool calls that this process works on. A client cancels a call with a message of its own, which is another request;
 * without sessions it is told by its key, its address and the id of the call, which clients count from 0.
 */
@Injectable()
export class CallsInFlight {
  private readonly calls = new Map<string, Set<AbortController>>()

  /** Does `work` until `signal` or a message of the same client ends it. */
  async run<T>(
    request: FastifyRequest,
    id: RequestId,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const name = nameOf(request, id)
    const own = new AbortController()
    const alike = this.calls.get(name) ?? new Set()
    this.calls.set(name, alike.add(own))
    try {
      return await work(AbortSignal.any([signal, own.signal]))
    } finally {
      alike.delete(own)
      if (alike.size === 0) this.calls.delete(name)
    }
  }

  /** Of several alike none is canceled: it would be the call of another client. */
  cancel(request: FastifyRequest, id: RequestId): void {
    const [call, ...others] = this.calls.get(nameOf(request, id)) ?? []
    if (others.length === 0) call?.abort()
  }
}

function nameOf({ principal, ip }: FastifyRequest, id: RequestId): string {
  return JSON.stringify([principal!.keyId, ip, id])
}
