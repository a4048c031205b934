import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { formatManifest, parseManifest, sha256, type BackupManifest } from '../../src/backup/backup-manifest.js'

// Backups that are folders, looked into and changed.

export function manifestOf(backup: string): BackupManifest {
  return parseManifest(readFileSync(join(backup, 'manifest.json'), 'utf8'))
}

/** With a checksum that fits. */
export function reseal(backup: string, changes: Partial<BackupManifest>): void {
  writeFileSync(join(backup, 'manifest.json'), formatManifest({ ...manifestOf(backup), ...changes }))
}

export function addMigration(backup: string): void {
  const { postgres } = manifestOf(backup)
  reseal(backup, { postgres: { ...postgres, migrations: [...postgres.migrations, 'Plans1800000001000'] } })
}

export function addTable(backup: string): void {
  const { postgres } = manifestOf(backup)
  const table = { name: 'strangers', columns: ['name'], rows: 0 }
  reseal(backup, { postgres: { ...postgres, tables: [table, ...postgres.tables] } })
}

export function readRows(backup: string, name: string): string {
  return gunzipSync(readFileSync(join(backup, name))).toString()
}

export function replaceRows(backup: string, name: string, change: (rows: string) => string): void {
  const bytes = gzipSync(change(readRows(backup, name)))
  writeFileSync(join(backup, name), bytes)
  const { files } = manifestOf(backup)
  const stored = { bytes: bytes.length, sha256: sha256(bytes) }
  reseal(backup, { files: files.map((each) => (each.name === name ? { ...each, ...stored } : each)) })
}

export function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(path, bytes)
}

export function edit(path: string, from: string, to: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
}

/** A copy of a backup in which something is different. */
export function copyWith(change: (backup: string) => void, { from, to }: { from: string; to: string }): string {
  cpSync(from, to, { recursive: true })
  change(to)
  return to
}
