// The server's own table: src/Server/HTTPHandler, exceptionCodeToHTTPStatus.
const CODES_BY_STATUS: Record<number, number[]> = {
  400: [
    6, 9, 10, 15, 25, 26, 27, 28, 36, 38, 41, 42, 43, 44, 45, 47, 48, 53, 62, 69, 70, 72, 117, 167, 168, 321, 376, 427,
    441,
  ],
  401: [194],
  403: [192, 193, 512, 516],
  404: [46, 50, 56, 60, 63, 73, 81, 82, 115],
  408: [159],
  413: [1003],
  501: [48],
  503: [74, 209, 210, 439],
}

const STATUS_BY_CODE = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
)

/** The HTTP status that a ClickHouse server gives for one of its exception codes. */
export function httpStatusOf(exceptionCode: number): number {
  return STATUS_BY_CODE.get(exceptionCode) ?? 500
}
