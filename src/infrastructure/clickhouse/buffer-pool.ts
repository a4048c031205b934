const SIZE = 256 * 1024
const COUNT = 4

interface Slot {
  bytes?: Buffer
  /** how many writes still need the bytes */
  uses: number
}

/**
 * The memory that a connection is read into: 1 MiB at most, made when it is first needed. Node would allocate new memory
 * for each read instead, which V8 counts, and after some ten megabytes it marks the whole heap to find out what is free.
 */
export class BufferPool {
  private readonly slots: Slot[] = Array.from({ length: COUNT }, () => ({ uses: 0 }))
  private reading = this.slots[0]!

  /** Where the next read goes. There is one as long as reads only go on while `hasSpare`. */
  next(): Buffer {
    this.reading = this.slots.find(({ uses }) => uses === 0)!
    return (this.reading.bytes ??= Buffer.allocUnsafeSlow(SIZE))
  }

  /** Keeps what was read last until the function that it returns is called. */
  hold(): () => void {
    const slot = this.reading
    slot.uses++
    return () => void slot.uses--
  }

  /** Beside the buffer that Node asks for right after a read, also when it is told to stop, there is one for a next read. */
  get hasSpare(): boolean {
    return this.slots.filter(({ uses }) => uses === 0).length > 1
  }
}
