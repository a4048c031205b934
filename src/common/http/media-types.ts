/** Of a longer list the rest is not looked at. */
const MAX_RANGES = 50

/**
 * The media type of `offered` that an `Accept` header likes best: the first one where it does not mind, undefined when it
 * takes none of them. Case does not matter.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (!accept?.trim()) return offered[0]
  const ranges = accept.split(',', MAX_RANGES).map(rangeOf)
  // Array.sort is stable: of equals the one named first is liked best.
  const liked = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)
  for (const { range } of liked) {
    const type = offered.find((mediaType) => fits(mediaType, range))
    if (type !== undefined) return type
  }
  return undefined
}

function rangeOf(text: string): { range: string; quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { range, quality: quality === undefined ? 1 : Number(quality) || 0 }
}

function fits(mediaType: string, range: string): boolean {
  return range === '*/*' || range === mediaType || (range.endsWith('/*') && mediaType.startsWith(range.slice(0, -1)))
}
