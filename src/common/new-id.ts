import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const ID_BYTES = 16
const page = new Uint8Array(256 * ID_BYTES)
let used = page.length

/** A UUIDv7 for what comes with every request. Random bytes are drawn a page at a time: one by one they are its cost. */
export function newId(): string {
  return uuidv7({ random: randomBytes() })
}

let sequence = 0

/** As newId, of that moment; those of one moment and this process are in the order in which they were made. */
export function newIdAt(ms: number): string {
  sequence = (sequence + 1) >>> 0
  return uuidv7({ random: randomBytes(), msecs: ms, seq: sequence })
}

function randomBytes(): Uint8Array {
  if (used === page.length) {
    randomFillSync(page)
    used = 0
  }
  used += ID_BYTES
  return page.subarray(used - ID_BYTES, used)
}
