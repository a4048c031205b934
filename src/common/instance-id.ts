import { hostname } from 'node:os'
import { v7 as uuidv7 } from 'uuid'

/** Names this process among all instances, for leases and for what a dead one left behind. */
export const INSTANCE_ID = `${hostname()}:${process.pid}:${uuidv7()}`
