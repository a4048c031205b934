import type { FastifyReply } from 'fastify'

/** The client who closes the connection before his answer has left. */
export class Departure {
  private abort?: AbortController

  constructor(private readonly reply: FastifyReply) {}

  get happened(): boolean {
    const { raw } = this.reply
    return raw.destroyed && !raw.writableFinished
  }

  /** Aborts when it happens. Made when it is asked for: most answers come from the cache and have nothing to stop. */
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
