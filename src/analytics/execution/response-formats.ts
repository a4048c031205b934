/** A format of results: its media type, and ClickHouse's format for those that are streamed. */
export interface ResponseFormat {
  /** as `?format=` names it */
  name: string
  mediaType: string
  clickhouseFormat?: string
  /** its readers take numbers of up to 38 digits */
  narrowNumbers?: boolean
}

export const JSON_RESPONSE: ResponseFormat = { name: 'json', mediaType: 'application/json' }

const FORMATS: readonly ResponseFormat[] = [
  JSON_RESPONSE,
  { name: 'csv', mediaType: 'text/csv', clickhouseFormat: 'CSVWithNames' },
  { name: 'ndjson', mediaType: 'application/x-ndjson', clickhouseFormat: 'JSONEachRow' },
  {
    name: 'parquet',
    mediaType: 'application/vnd.apache.parquet',
    clickhouseFormat: 'Parquet',
    narrowNumbers: true,
  },
  {
    name: 'arrow',
    mediaType: 'application/vnd.apache.arrow.stream',
    clickhouseFormat: 'ArrowStream',
    narrowNumbers: true,
  },
]

export const MEDIA_TYPES = FORMATS.map(({ mediaType }) => mediaType)
export const FORMAT_NAMES = FORMATS.map(({ name }) => name)

/** Texts say that they are UTF-8: some clients take `text/csv` for Latin-1 else. */
export function contentTypeOf({ mediaType }: ResponseFormat): string {
  const isText = mediaType === JSON_RESPONSE.mediaType || mediaType.startsWith('text/')
  return isText ? `${mediaType}; charset=utf-8` : mediaType
}

/** The format with this media type. */
export function formatOf(mediaType: string): ResponseFormat {
  return FORMATS.find((format) => format.mediaType === mediaType)!
}

/** The format that `?format=` names. */
export function formatNamed(name: unknown): ResponseFormat | undefined {
  return FORMATS.find((format) => format.name === name)
}
