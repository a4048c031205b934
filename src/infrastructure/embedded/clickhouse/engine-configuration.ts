import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'

/** The one user who may do anything. Not `default`: that is the engine's own session, which can have no password. */
export const CLICKHOUSE_USER = 'countinghouse'

export interface EngineConfiguration {
  /** for data and configuration */
  folder: string
  port: number
  password: string
  /** lets statements read files by file(); the application does not need it */
  mayReadFiles: boolean
}

// Tables and queries, no more: no files, no addresses, no users, no executables. A statement that somebody smuggled in
// would stay inside the data folder.
const PRIVILEGES = [
  ...['SHOW', 'SELECT', 'INSERT', 'ALTER', 'DROP', 'TRUNCATE', 'OPTIMIZE', 'KILL QUERY', 'SYSTEM FLUSH LOGS'],
  ...['CREATE DATABASE', 'CREATE TABLE', 'CREATE VIEW', 'CREATE TEMPORARY TABLE', 'SYSTEM MERGES', 'SYSTEM TTL MERGES'],
]

// Queries and nothing else: none of the pages and checks that the engine serves besides (/play, /dashboard, /ping).
const HTTP_HANDLERS = `<http_handlers>
    <rule>
      <url>/</url>
      <methods>GET,POST</methods>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>`

const MEMORY_SHARE = 0.6
const CACHE_SHARE = 0.05
const KEPT_FREE_BYTES = 64 * 1024 ** 2

/** Writes the configuration files; gives the engine's arguments. */
export async function configureEngine(configuration: EngineConfiguration): Promise<string[]> {
  const { folder, port } = configuration
  const files = join(folder, 'configuration')
  await mkdir(files, { recursive: true, mode: 0o700 })
  const usersFile = join(files, 'users.xml')
  const serverFile = join(files, 'server.xml')
  await writeFile(usersFile, usersXml(configuration), { mode: 0o600 })
  await writeFile(serverFile, serverXml(usersFile), { mode: 0o600 })
  return [
    `--config-file=${serverFile}`,
    `--path=${join(folder, 'data')}`,
    '--listen_host=127.0.0.1',
    `--http_port=${port}`,
    '--query',
    // The engine serves as long as this statement runs: thirty years.
    'SYSTEM START LISTEN HTTP; SELECT sleep(1000000000) FORMAT Null SETTINGS function_sleep_max_microseconds_per_block = 0',
  ]
}

function serverXml(usersFile: string): string {
  // In a container its limit counts, not the machine.
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  const cache = Math.floor(memory * CACHE_SHARE)
  return `<clickhouse>
  <users_config>${escapeXml(usersFile)}</users_config>
  <access_control_improvements><table_engines_require_grant>false</table_engines_require_grant></access_control_improvements>
  <max_server_memory_usage>${Math.floor(memory * MEMORY_SHARE)}</max_server_memory_usage>
  <mark_cache_size>${cache}</mark_cache_size>
  <primary_index_cache_size>${cache}</primary_index_cache_size>
  <!-- A dropped table gives its room on the disk back at once; nothing here is ever undropped. -->
  <database_atomic_delay_before_drop_table_sec>0</database_atomic_delay_before_drop_table_sec>
  <!-- The last of the disk is for definitions of tables and other small files, whose loss would be noticed at the next start. -->
  <storage_configuration><disks><default>
    <keep_free_space_bytes>${KEPT_FREE_BYTES}</keep_free_space_bytes>
  </default></disks></storage_configuration>
  <keep_alive_timeout>30</keep_alive_timeout>
  <max_connections>1024</max_connections>
  ${HTTP_HANDLERS}
</clickhouse>`
}

/**
 * The engine's own session logs in as `default` without a password, so anybody on this machine could too. It takes the
 * only session that `default` may have, before the port is open, and a setting with a constraint cannot be lifted.
 */
function usersXml({ password, mayReadFiles }: EngineConfiguration): string {
  const hash = createHash('sha256').update(password).digest('hex')
  const grants = [`GRANT ${PRIVILEGES.join(', ')} ON *.*`, ...(mayReadFiles ? ['GRANT READ ON FILE'] : [])]
  const local = '<networks><ip>127.0.0.1</ip></networks>'
  return `<clickhouse>
  <profiles>
    <default>
      <cancel_http_readonly_queries_on_client_close>1</cancel_http_readonly_queries_on_client_close>
      <http_max_field_value_size>1073741824</http_max_field_value_size>
      <!-- How long the reader of an export may pause; 30 seconds unless told, and only here: a statement cannot. -->
      <http_send_timeout>900</http_send_timeout>
    </default>
    <keeper>
      <max_sessions_for_user>1</max_sessions_for_user>
      <constraints><max_sessions_for_user><readonly/></max_sessions_for_user></constraints>
    </keeper>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password><profile>keeper</profile><quota>default</quota>${local}
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
    <${CLICKHOUSE_USER}>
      <password_sha256_hex>${hash}</password_sha256_hex><profile>default</profile><quota>default</quota>${local}
      <grants>${grants.map((grant) => `<query>${grant}</query>`).join('')}</grants>
    </${CLICKHOUSE_USER}>
  </users>
</clickhouse>`
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
