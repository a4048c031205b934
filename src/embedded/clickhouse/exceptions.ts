/** An error as ClickHouse reports it: a number, a text and a name. */
export class EngineException extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

const CODE_PATTERN = /^Code: (\d+)\./
// The engine wraps errors of what it reads from files, "Code: 27. DB::Exception: Code: 27. DB::Exception: ...", and the
// addon those of blocking calls.
const WRAPPER_PATTERN = /^(Query failed: |Code: \d+\. DB::Exception: (?=Code: \d+\. DB::Exception: ))/
const UNKNOWN_EXCEPTION = 1002

export function exception(code: number, name: string, message: string): EngineException {
  return new EngineException(code, `Code: ${code}. DB::Exception: ${message} (${name})`)
}

/** Whatever was thrown, as an EngineException. */
export function asEngineException(error: unknown): EngineException {
  if (error instanceof EngineException) return error
  const message = (error instanceof Error ? error.message : String(error)).replace(WRAPPER_PATTERN, '').trim()
  const code = CODE_PATTERN.exec(message)?.[1]
  if (code !== undefined) return new EngineException(Number(code), message)
  return exception(UNKNOWN_EXCEPTION, 'UNKNOWN_EXCEPTION', message)
}
