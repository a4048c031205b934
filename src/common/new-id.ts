import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const ID_BYTES = 16
const page = new Uint8Array(256 * ID_BYTES)
let used = page.length

/**
 * A UUIDv7 for what comes with every request, made now or at `atMs`. Random bytes are drawn a page at a time: one by one they
 * are its cost.
 */
export function newId(atMs?: number): string {
  if (used === page.length) {
    randomFillSync(page)
    used = 0
  }
  used += ID_BYTES
  return uuidv7({ random: page.subarray(used - ID_BYTES, used), msecs: atMs })
}
