import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const CLIENTS = [1, 2, 4, 8, 16, 32]

export interface PgbenchResult {
  perSecond: number
  clients: number
}

/**
 * Transactions a second of a pgbench script, prepared, with the number of clients that is best for it. Undefined where
 * pgbench is not installed.
 */
export async function pgbench(
  script: string,
  { folder, url, seconds }: { folder: string; url: string; seconds: number },
): Promise<PgbenchResult | undefined> {
  const binary = findPgbench()
  if (!binary) return undefined
  const path = join(folder, 'pgbench.sql')
  await writeFile(path, `${script}\n`)
  const host = new URL(url.replace('@/', '@localhost/')).searchParams.get('host')!
  let best: PgbenchResult = { perSecond: 0, clients: 0 }
  for (const clients of CLIENTS) {
    const load = ['-n', '-M', 'prepared', '-f', path, '-c', String(clients), '-j', '2', '-T', String(seconds)]
    const { stdout } = await run(binary, [...load, '-h', host, '-U', 'app', 'postgres'])
    const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
    if (perSecond > best.perSecond) best = { perSecond, clients }
  }
  return best
}

/** The statement of one charge of one credit, as pgbench's script; `user` is an SQL expression. */
export function chargeScript(user: string): string {
  return `SELECT * FROM credits_charge(ARRAY[gen_random_uuid()], ARRAY[${user}::uuid], ARRAY[1::bigint], \
ARRAY[gen_random_uuid()::text], ARRAY['bench'], ARRAY[false], ARRAY[NULL::uuid], ARRAY[NULL::uuid], gen_random_uuid(), NULL);`
}

/** Where Debian's packages put it. */
function findPgbench(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  return versions.map((version) => join(root, version, 'bin/pgbench')).find((path) => existsSync(path))
}
