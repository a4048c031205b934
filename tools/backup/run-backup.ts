import 'reflect-metadata'
import { Logger } from '@nestjs/common'
import { config as loadEnvFile } from 'dotenv'
import { resolve } from 'node:path'
import { reachEngines } from '../../src/backup/backup-engines.js'
import type { BackupManifest } from '../../src/backup/backup-manifest.js'
import { BackupError } from '../../src/backup/backup.errors.js'
import { createBackup } from '../../src/backup/create-backup.js'
import { checkBackup, restoreBackup } from '../../src/backup/restore-backup.js'
import { AppError } from '../../src/common/errors/app-error.js'
import { IncompatibleSchemaError } from '../../src/common/errors/incompatible-schema.error.js'
import type { Config } from '../../src/config/config.js'
import { ConfigError, loadConfig } from '../../src/config/load-config.js'
import { UnfinishedRestoreError } from '../../src/infrastructure/database/unfinished-restore.js'
import { DataDirInUseError, startMissingEngines } from '../../src/infrastructure/embedded/embedded-engines.js'
import { BackupDisplay } from './backup-display.js'
import { Interrupt } from '../cli/interrupt.js'
import { megabytes, printable, rowsOf } from '../cli/format.js'

interface Run {
  config: Config
  display: BackupDisplay
  signal: AbortSignal
}

const FAILED = 1

export function runBackup(path: string, version: string): Promise<number> {
  return run(async ({ config, display, signal }) => {
    const engines = await reachEngines(config)
    try {
      const { onProgress } = display
      const manifest = await createBackup({ config, path: resolve(path), version, onProgress, signal })
      display.print(`${printable(path)}: ${summaryOf(manifest)}`)
    } finally {
      await engines.stop()
    }
  })
}

export function runRestore(path: string): Promise<number> {
  return run(async ({ config, display, signal }) => {
    const { onProgress } = display
    const options = { config, path: resolve(path), onProgress, signal }
    const backup = await checkBackup(options)
    const { version, createdAt } = backup.manifest
    display.note(`${printable(path)} is whole: made by version ${version} at ${createdAt}`)
    const engines = await startMissingEngines(config)
    try {
      await restoreBackup(backup, options)
      display.print(`Restored ${summaryOf(backup.manifest)}`)
    } finally {
      await engines.stop()
    }
  })
}

/** Ctrl-C takes back what was begun; the second one ends the process at once. */
async function run(work: (run: Run) => Promise<void>): Promise<number> {
  const display = new BackupDisplay()
  const interrupt = new Interrupt(
    () => display.note('Taking back what was begun (Ctrl-C again to stop at once)'),
    () => undefined,
  )
  Logger.overrideLogger(['error', 'fatal'])
  try {
    loadEnvFile({ quiet: true })
    await work({ config: loadConfig(process.env), display, signal: interrupt.signal })
    return 0
  } catch (error) {
    if (interrupt.exitCode !== undefined) return interrupt.exitCode
    display.note(`error: ${messageOf(error)}`)
    return FAILED
  }
}

function summaryOf({ files }: BackupManifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  return `${rowsOf(rows)} in ${megabytes(bytes)}`
}

const MENDABLE = [
  BackupError,
  ConfigError,
  DataDirInUseError,
  IncompatibleSchemaError,
  UnfinishedRestoreError,
  AppError,
]

/** What the operator can mend is said in plain words, as the system says it; anything else keeps its stack. */
function messageOf(error: unknown): string {
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException
  const isMendable = MENDABLE.some((mendable) => error instanceof mendable)
  // Of a file, of a connection, or of PostgreSQL: all of them name what could not be done.
  if (isMendable || syscall !== undefined || code !== undefined) return message
  return stack ?? String(error)
}
