// As a server answers (HTTPHandler, exceptionCodeToHTTPStatus); checked against the same version's own HTTP server.
const CODES_BY_STATUS: Record<number, number[]> = {
  400: [6, 25, 26, 27, 38, 41, 53, 62, 72, 117, 167, 168, 223, 376, 675, 676],
  401: [194],
  403: [192, 193, 512, 516],
  404: [46, 47, 50, 56, 60, 63, 73, 75, 78, 81, 115, 336],
  408: [159],
  413: [1003],
  501: [48],
  503: [76, 209, 439],
}

const STATUS_BY_CODE = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
)

/** The HTTP status that a ClickHouse server gives for one of its exception codes. */
export function httpStatusOf(exceptionCode: number): number {
  return STATUS_BY_CODE.get(exceptionCode) ?? 500
}
