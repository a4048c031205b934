import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { AccessPolicy } from '../../auth/access/access-policy.js'
import type { FieldError } from '../../common/errors/app-error.js'
import { unknownName } from '../../common/errors/unknown-name.js'
import { UnknownNameError } from '../../common/errors/unknown-name.error.js'
import { CoalescedRead } from '../../datasets/coalesced-read.js'
import { ChangeWatch } from '../../infrastructure/database/change-watch.js'
import { Notifications } from '../../infrastructure/database/notifications.js'
import type { EndpointEntity } from './endpoint.entity.js'
import { EndpointsRepository } from './endpoints.repository.js'

const CHANNEL = 'countinghouse_endpoints'

/**
 * All endpoints in memory: PostgreSQL holds them and tells every instance of a change. An unchanged endpoint stays the same
 * object, so that what is remembered of it may be kept under it.
 */
@Injectable()
export class EndpointRegistry implements OnModuleInit, OnModuleDestroy {
  private readonly reading = new CoalescedRead(() => this.read())
  private readonly watch: ChangeWatch
  private byName = new Map<string, EndpointEntity>()

  constructor(
    private readonly endpoints: EndpointsRepository,
    notifications: Notifications,
  ) {
    this.watch = new ChangeWatch(notifications, CHANNEL, () => this.reload(), new Logger('Endpoints'))
  }

  async onModuleInit(): Promise<void> {
    await this.reload()
    this.watch.start()
  }

  onModuleDestroy(): void {
    this.watch.stop()
  }

  /** As they are known now, in the order of their names: a change by another instance is in it within a second. */
  get all(): EndpointEntity[] {
    return [...this.byName.values()]
  }

  /** The endpoint of that name among those that `mayUse` lets through. UnknownNameError (404) where there is none. */
  get(name: string, mayUse: (name: string) => boolean): EndpointEntity {
    const endpoint = this.byName.get(name)
    if (endpoint && mayUse(name)) return endpoint
    throw new UnknownNameError('endpoint', 'name', name, [...this.byName.keys()].filter(mayUse))
  }

  /** What of a policy names no endpoint that `mayUse` lets through. */
  check({ endpoints }: AccessPolicy, mayUse: (name: string) => boolean): FieldError[] {
    if (endpoints === '*') return []
    const known = [...this.byName.keys()].filter(mayUse)
    return endpoints.flatMap((name, index) =>
      known.includes(name) ? [] : { path: `endpoints[${index}]`, message: unknownName('endpoint', name, known) },
    )
  }

  /** As PostgreSQL has them now. */
  reload(): Promise<void> {
    return this.reading.get()
  }

  private async read(): Promise<void> {
    const entities = await this.endpoints.findAll()
    this.byName = new Map(entities.map((entity) => [entity.name, this.known(entity)]))
  }

  private known(entity: EndpointEntity): EndpointEntity {
    const known = this.byName.get(entity.name)
    return known?.id === entity.id && known.revision === entity.revision ? known : entity
  }
}
