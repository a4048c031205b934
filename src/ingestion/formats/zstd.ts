import { setImmediate } from 'node:timers/promises'
import { ZSTDDecoder } from 'zstddec/stream'
import { BrokenFileError } from './broken-file.error.js'

/**
 * zstd's own C decoder, compiled to WebAssembly. It reads several frames in a row and skippable frames, verifies
 * checksums, and refuses windows over 128 MiB. node:zlib is not used where it has zstd: it silently drops what follows
 * the first frame (nodejs/node#64741) and, before Node 26.6, takes a truncated file for a whole one (nodejs/node#64592).
 */
interface Decoder {
  memory: { readonly buffer: ArrayBuffer }
  malloc(bytes: number): number
  free(pointer: number): void
  ZSTD_createDCtx(): number
  ZSTD_freeDCtx(context: number): void
  ZSTD_decompressStream(context: number, output: number, input: number): number
}

const IN_BYTES = 128 * 1024
const OUT_BYTES = 256 * 1024
/** Decoding is synchronous: after this much output other work gets its turn, however well the file is compressed. */
const BYTES_PER_TURN = 4 * 1024 * 1024
/** {data, size, position}, three 32-bit numbers each */
const BUFFER_STRUCT_BYTES = 12

/** ZSTD_ErrorCode of zstd_errors.h, stable since 1.3.1 */
const ERROR_REASONS: Record<number, string> = {
  10: 'The file is not zstd data, or something that is not zstd follows its end.',
  16: 'The zstd file needs a window of more than 128 MiB; compress it again without --long or --ultra.',
  22: 'The zstd data is broken: its checksum is wrong.',
  32: 'The zstd file needs a dictionary; compress it again without one.',
  64: 'There is not enough memory to decompress the zstd file.',
}
/** The highest numbers of a size_t stand for errors. */
const FIRST_ERROR = 2 ** 32 - 120

let decoder: Promise<Decoder> | undefined

/**
 * Decompresses a zstd stream: yields Buffers of up to 256 KiB, in memory bounded by the file's window. Throws
 * BrokenFileError when the data is broken, needs too large a window or a dictionary, or ends too early.
 */
export async function* unzstd(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = new FrameStream(await (decoder ??= loadDecoder()))
  let untilTurn = BYTES_PER_TURN
  try {
    for await (const data of compressed) {
      for (let at = 0; at < data.length; at += IN_BYTES) {
        for (const output of stream.decode(data.subarray(at, at + IN_BYTES))) {
          untilTurn -= output.length
          yield output
          if (untilTurn > 0) continue
          untilTurn = BYTES_PER_TURN
          await setImmediate()
        }
      }
    }
    if (!stream.isAtFrameEnd) throw new BrokenFileError('The zstd data ends too early.')
  } finally {
    stream.free()
  }
}

/** The package's own streaming takes no asynchronous input and checks no error codes, so only its decoder is used. */
async function loadDecoder(): Promise<Decoder> {
  let loaded: { instance: { exports: unknown } } | undefined
  class Library extends ZSTDDecoder {
    override _init = (result: never): void => {
      loaded = result
      // The package must know the instance too: the decoder tells it when its memory grows.
      ZSTDDecoder.prototype._init.call(this, result)
    }
  }
  await new Library().init()
  return loaded!.instance.exports as Decoder
}

class FrameStream {
  /** false before the first frame too: an empty file is not a zstd file */
  isAtFrameEnd = false
  private readonly context: number
  private readonly input: number
  private readonly output: number
  private readonly inputStruct: number
  private readonly outputStruct: number

  constructor(private readonly decoder: Decoder) {
    this.context = decoder.ZSTD_createDCtx()
    this.input = decoder.malloc(IN_BYTES)
    this.output = decoder.malloc(OUT_BYTES)
    this.inputStruct = decoder.malloc(BUFFER_STRUCT_BYTES)
    this.outputStruct = decoder.malloc(BUFFER_STRUCT_BYTES)
  }

  /** Takes at most IN_BYTES; yields what they decode to. */
  *decode(data: Buffer): Generator<Buffer> {
    new Uint8Array(this.decoder.memory.buffer).set(data, this.input)
    this.setStruct(this.inputStruct, this.input, data.length)
    for (let isFull = false; isFull || this.positionIn(this.inputStruct) < data.length;) {
      this.setStruct(this.outputStruct, this.output, OUT_BYTES)
      this.step()
      const written = this.positionIn(this.outputStruct)
      // At a frame's end nothing is held back, and a further step would ask for the next frame's header.
      isFull = written === OUT_BYTES && !this.isAtFrameEnd
      if (written > 0) yield Buffer.from(this.decoder.memory.buffer.slice(this.output, this.output + written))
    }
  }

  free(): void {
    this.decoder.ZSTD_freeDCtx(this.context)
    for (const pointer of [this.input, this.output, this.inputStruct, this.outputStruct]) this.decoder.free(pointer)
  }

  private step(): void {
    const result = this.decoder.ZSTD_decompressStream(this.context, this.outputStruct, this.inputStruct) >>> 0
    if (result > FIRST_ERROR) throw new BrokenFileError(ERROR_REASONS[2 ** 32 - result] ?? 'The zstd data is broken.')
    this.isAtFrameEnd = result === 0
  }

  // The memory's buffer is another one after it has grown, so no view of it is kept.

  private setStruct(struct: number, pointer: number, size: number): void {
    new Uint32Array(this.decoder.memory.buffer, struct, 3).set([pointer, size, 0])
  }

  private positionIn(struct: number): number {
    return new Uint32Array(this.decoder.memory.buffer, struct, 3)[2]!
  }
}
