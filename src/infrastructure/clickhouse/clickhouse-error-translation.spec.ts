import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../common/errors/app-error.js'
import { toClickHouseError } from './clickhouse-error-translation.js'
import { ClickHouseStatementError, ClickHouseFullError, ClickHouseUnavailableError } from './clickhouse.errors.js'

const engineError = (code: number, message = 'something'): ClickHouseError =>
  new ClickHouseError({ code: String(code), message: `${message}. `, type: 'SOME_NAME' })

describe('toClickHouseError', () => {
  it.each([32, 202, 209, 210, 225, 242, 252, 279, 285, 286, 319, 439, 999])('makes 503 of code %i', (code) => {
    const error = toClickHouseError(engineError(code))
    expect(error).toBeInstanceOf(ClickHouseUnavailableError)
    expect((error as AppError).code).toBe('UNAVAILABLE')
    // As the text of an answer that is no ClickHouseError.
    expect(toClickHouseError(new Error(`Code: ${code}. DB::Exception: something`))).toBeInstanceOf(
      ClickHouseUnavailableError,
    )
  })

  it('leaves an end of the data to the format that met it', () => {
    const message = 'Attempt to read after eof: (in file/uri (fd = 5)): While executing ParquetV3BlockInputFormat'
    expect(toClickHouseError(engineError(32, message))).toBeInstanceOf(ClickHouseStatementError)
  })

  it.each([
    [243, 'Cannot reserve 1.00 MiB, not enough space'],
    [75, 'Cannot write to file (fd = 7), errno: 28, strerror: No space left on device'],
    [1001, 'std::__1::__fs::filesystem::filesystem_error: in create_directories: No space left on device'],
    [75, 'Cannot write to file (fd = 7), errno: 122, strerror: Disk quota exceeded'],
  ])('makes 503 of code %i when the disk is full', (code, message) => {
    const error = toClickHouseError(engineError(code, message))
    expect(error).toBeInstanceOf(ClickHouseFullError)
    expect((error as AppError).code).toBe('UNAVAILABLE')
    expect(error.message).toMatch(/disk .*full/)
  })

  it('keeps the code of a statement that was refused', () => {
    expect(toClickHouseError(engineError(62))).toMatchObject({ clickhouseCode: 62 })
  })
})
