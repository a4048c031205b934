import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import type { LogRow } from './request-log.repository.js'

/** Sees a request when its answer is out or its client gone, with its row of the log. It must not throw, and be quick. */
export type RequestObserver = (request: FastifyRequest, row: LogRow) => void

/** Where modules hang what they count of every request: one look at its end serves all, the log included. */
@Injectable()
export class RequestObservers {
  private readonly observers: RequestObserver[] = []

  add(observer: RequestObserver): void {
    this.observers.push(observer)
  }

  tell(request: FastifyRequest, row: LogRow): void {
    for (const observe of this.observers) observe(request, row)
  }
}
