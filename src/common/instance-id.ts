import { Injectable } from '@nestjs/common'
import { hostname } from 'node:os'
import { v7 as uuidv7 } from 'uuid'

/** A process that has said nothing for so long is dead (six missed heartbeats): others take over what it left. */
export const SILENT_SECONDS = 30

/** Names this process among all instances, for leases and for what a dead one left behind. */
export const INSTANCE_ID = `${hostname()}:${process.pid}:${uuidv7()}`

/** A UUID for reservations and idempotency keys, apart from INSTANCE_ID so that a test can have several in one process. */
@Injectable()
export class InstanceId {
  readonly uuid = uuidv7()
}
