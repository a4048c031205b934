const NEWLINE = 0x0a
/** Uncompressed. Each piece is loaded by a statement of its own, and some are in memory at once. */
const PIECE_BYTES = 32 * 1024 ** 2

export interface RowPiece {
  bytes: Buffer
  rows: number
}

/** Cuts lines into pieces of whole ones; a line that is longer than a piece is a piece. */
export async function* rowPieces(stream: AsyncIterable<Buffer>, pieceBytes = PIECE_BYTES): AsyncGenerator<RowPiece> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of stream) {
    held.push(chunk)
    heldBytes += chunk.length
    const end = heldBytes >= pieceBytes ? chunk.lastIndexOf(NEWLINE) + 1 : 0
    if (end === 0) continue
    held[held.length - 1] = chunk.subarray(0, end)
    yield pieceOf(held)
    held = [chunk.subarray(end)]
    heldBytes = chunk.length - end
  }
  if (heldBytes > 0) yield pieceOf(held)
}

function pieceOf(chunks: Buffer[]): RowPiece {
  const bytes = Buffer.concat(chunks)
  let rows = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) rows++
  return { bytes, rows }
}
