import { libchdbPath } from 'chdb/libchdb'
import { arrayConstructor, DataType, load, open } from 'ffi-rs'

const LIBRARY = 'libchdb'

/**
 * Runs ClickHouse as the command line does (`clickhouse local ARGUMENTS`). Resolves when it has ended, with its error
 * text if there is one. Throws with a diagnosis on a platform without the library.
 *
 * By way of the library's own C interface, because the chdb addon offers statements only, not the server that is in it.
 */
export async function runClickHouseLocal(args: string[]): Promise<string | null> {
  open({ library: LIBRARY, path: libchdbPath() })
  const argv = ['clickhouse-local', ...args]
  const result = await load({
    library: LIBRARY,
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, arrayConstructor({ type: DataType.StringArray, length: argv.length })],
    paramsValue: [argv.length, argv],
    // On a thread of libuv's pool, for as long as the engine runs; the other three are enough for this process.
    runInNewThread: true,
  })
  return load({
    library: LIBRARY,
    funcName: 'chdb_result_error',
    retType: DataType.String,
    paramsType: [DataType.External],
    paramsValue: [result],
  })
}
