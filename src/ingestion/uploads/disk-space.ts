import { statfs } from 'node:fs/promises'
import { AppError } from '../../common/errors/app-error.js'

/** The disk is looked at again each time that an upload has grown by so much. */
const LOOK_EVERY_BYTES = 4 * 1024 * 1024

/** An upload that is being written: `wrote` throws INSUFFICIENT_STORAGE when there is no room to go on. */
export interface Room {
  wrote(bytes: number): Promise<void>
  /** The refusal of an upload for which the disk was full before that was seen. */
  full(): AppError
  leave(): void
}

interface Guest {
  /** undefined: the upload does not say how long it is */
  expectedBytes?: number
  writtenBytes: number
}

/**
 * Room on a folder's disk, given to uploads before they are written. What the uploads of this process have announced and
 * not written yet counts as taken; `reserveBytes` stay free for the engines that share the disk.
 */
export class DiskSpace {
  private readonly guests = new Set<Guest>()

  constructor(
    private readonly folder: string,
    private readonly reserveBytes: number,
  ) {}

  /** Throws INSUFFICIENT_STORAGE when the upload will not fit. */
  async enter(expectedBytes: number | undefined): Promise<Room> {
    const guest: Guest = { expectedBytes, writtenBytes: 0 }
    this.guests.add(guest)
    const leave = (): void => void this.guests.delete(guest)
    try {
      await this.look(guest)
    } catch (error) {
      leave()
      throw error
    }
    let seenBytes = 0
    const wrote = async (bytes: number): Promise<void> => {
      guest.writtenBytes += bytes
      if (guest.writtenBytes - seenBytes < LOOK_EVERY_BYTES) return
      seenBytes = guest.writtenBytes
      await this.look(guest)
    }
    return { wrote, leave, full: () => noRoom(guest, 0) }
  }

  private async look(guest: Guest): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder)
    const others = [...this.guests].filter((each) => each !== guest).reduce((sum, each) => sum + missing(each), 0)
    const freeBytes = Math.max(0, bavail * bsize - this.reserveBytes - others)
    const isFull = guest.expectedBytes === undefined ? freeBytes === 0 : missing(guest) > freeBytes
    if (isFull) throw noRoom(guest, freeBytes)
  }
}

function missing({ expectedBytes = 0, writtenBytes }: Guest): number {
  return Math.max(0, expectedBytes - writtenBytes)
}

function noRoom(guest: Guest, freeBytes: number): AppError {
  const requiredBytes = missing(guest)
  const needed = requiredBytes > 0 ? `${requiredBytes} bytes` : `more than the ${guest.writtenBytes} bytes so far`
  return new AppError(
    'INSUFFICIENT_STORAGE',
    `There is no room on the disk for this upload: it needs ${needed}, and ${freeBytes} bytes are free for uploads.`,
    { extra: { requiredBytes: requiredBytes || guest.writtenBytes + 1, freeBytes } },
  )
}
