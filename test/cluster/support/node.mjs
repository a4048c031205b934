// One node: node node.mjs SHIM LIBRARY ARGUMENT... (arguments of `clickhouse local`); the shim reads SHIM_* of the environment.
import { createRequire } from 'node:module'
const require = createRequire(process.env.APP_PACKAGE_JSON)
const { arrayConstructor, DataType, load, open } = require('ffi-rs')
const [shim, library, ...args] = process.argv.slice(2)
open({ library: 'libchdb', path: library })
load({ library: 'libchdb', funcName: 'chdb_version', retType: DataType.String, paramsType: [], paramsValue: [] }) // maps the library
open({ library: 'shim', path: shim })
const rc = load({
  library: 'shim',
  funcName: 'shim_install',
  retType: DataType.I32,
  paramsType: [DataType.String],
  paramsValue: [library],
})
if (rc !== 0) throw new Error(`another build of libchdb: ${rc}`)
const argv = ['clickhouse-local', ...args]
load({
  library: 'libchdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, arrayConstructor({ type: DataType.StringArray, length: argv.length })],
  paramsValue: [argv.length, argv],
  runInNewThread: true,
}).then(() => process.kill(process.pid, 'SIGKILL'))
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
