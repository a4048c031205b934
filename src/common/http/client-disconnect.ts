import type { FastifyReply } from 'fastify'
import type { ServerResponse } from 'node:http'

/** Whether all of a response has left. A call within this process has no connection that takes its time. */
export function isSent(raw: ServerResponse): boolean {
  return raw.writableFinished || (raw.writableEnded && 'isLightMyRequest' in raw)
}

/** A client that closes the connection before its response has left. */
export class ClientDisconnect {
  private abort?: AbortController

  constructor(private readonly reply: FastifyReply) {}

  get happened(): boolean {
    const { raw } = this.reply
    return raw.destroyed && !isSent(raw)
  }

  /** Aborts when it happens. Made when it is asked for: most results come from the cache and have nothing to stop. */
  get signal(): AbortSignal {
    this.abort ??= this.watch(new AbortController())
    return this.abort.signal
  }

  private watch(abort: AbortController): AbortController {
    if (this.happened) abort.abort()
    this.reply.raw.once('close', () => {
      if (this.happened) abort.abort()
    })
    return abort
  }
}
