import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startCli, type CliResult, type CliRun } from './cli.js'

/** `countinghouse backup` and `restore` in a folder of their own, for the backups of a test and what they are restored to. */
export class BackupCli {
  readonly folder = mkdtempSync(join(tmpdir(), 'countinghouse-backup-'))
  private names = 0

  /** A path where nothing is. */
  unused(name: string): string {
    return join(this.folder, `${++this.names}-${name}`)
  }

  start(command: 'backup' | 'restore', path: string, env: Record<string, string>): CliRun {
    return startCli([command, path], { env, cwd: this.folder })
  }

  async backUp(path: string, env: Record<string, string>): Promise<void> {
    const { code, stdout, stderr } = await this.start('backup', path, env).ended
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/: [\d,]+ rows in .* MB\n$/)
    expect(readdirSync(this.folder).filter((name) => name.endsWith('.partial'))).toEqual([])
  }

  async restore(path: string, env: Record<string, string>): Promise<void> {
    const { code, stdout, stderr } = await this.start('restore', path, env).ended
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^Restored [\d,]+ rows in .* MB\n$/)
  }

  /** Expects that it ends in words, not with a stack. */
  async expectRefusal(
    command: 'backup' | 'restore',
    path: string,
    env: Record<string, string>,
    words: string | RegExp,
  ): Promise<void> {
    const { code, stderr }: CliResult = await this.start(command, path, env).ended
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(code).toBe(1)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
