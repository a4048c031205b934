import { AppError } from '../common/app-error.js'

/** A form of answers: its media type, and the engine's format for those that are streamed. */
export interface AnswerFormat {
  mediaType: string
  engineFormat?: string
}

export const JSON_ANSWER: AnswerFormat = { mediaType: 'application/json' }

const FORMATS: readonly AnswerFormat[] = [
  JSON_ANSWER,
  { mediaType: 'text/csv', engineFormat: 'CSVWithNames' },
  { mediaType: 'application/x-ndjson', engineFormat: 'JSONEachRow' },
  { mediaType: 'application/vnd.apache.parquet', engineFormat: 'Parquet' },
  { mediaType: 'application/vnd.apache.arrow.stream', engineFormat: 'ArrowStream' },
]

export const MEDIA_TYPES = FORMATS.map(({ mediaType }) => mediaType)

/** Texts say that they are UTF-8: some clients take `text/csv` for Latin-1 else. */
export function contentTypeOf({ mediaType }: AnswerFormat): string {
  const isText = mediaType === JSON_ANSWER.mediaType || mediaType.startsWith('text/')
  return isText ? `${mediaType}; charset=utf-8` : mediaType
}

/** The form that an `Accept` header likes best, JSON where it does not mind. UNSUPPORTED_FORMAT (415) when none fits. */
export function negotiate(accept: string | undefined): AnswerFormat {
  if (!accept?.trim()) return JSON_ANSWER
  const ranges = accept.split(',', 50).map(rangeOf)
  // Array.sort is stable: of equals the one named first is liked best.
  const liked = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)
  for (const { range } of liked) {
    const format = FORMATS.find(({ mediaType }) => fits(mediaType, range))
    if (format) return format
  }
  throw new AppError('UNSUPPORTED_FORMAT', `Answers come as ${MEDIA_TYPES.join(', ')}; none of them is in Accept.`)
}

function rangeOf(text: string): { range: string; quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { range, quality: quality === undefined ? 1 : Number(quality) || 0 }
}

function fits(mediaType: string, range: string): boolean {
  return range === '*/*' || range === mediaType || (range.endsWith('/*') && mediaType.startsWith(range.slice(0, -1)))
}
