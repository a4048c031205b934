import type { Command } from 'commander'

const BACKUP_HELP = `
It copies accounts, ledger, settings, jobs, orders, logs, and the rows of all datasets, as they are at one moment; the
system goes on meanwhile. It goes to the engines themselves, not through the API, and reads the same .env and environment
as \`npm start\` (POSTGRES_URL and CLICKHOUSE_URL, else DATA_DIR): run it in the same folder and as the same user.

A path that ends in .tar becomes one file, any other a folder. It has the path's name only when it is whole; until then,
and when it is cut off, the name ends in .partial. Emails stay encrypted: keep ENCRYPTION_KEY apart from the backup.

Examples:
  $ npx countinghouse backup /backups/$(date +%F)
  $ npx countinghouse backup /backups/countinghouse.tar

Exit codes: 0 the backup is whole, 1 there is none, 2 wrong usage, 130 after Ctrl-C.`

const RESTORE_HELP = `
All of the backup is read and checked before anything is changed. The databases must be empty: a new DATA_DIR, or with
servers a new database in POSTGRES_URL and another CLICKHOUSE_DATABASE. Stop the API and the workers on them first. A
restore that is cut off is run again as it is. Then start the system: it upgrades what an older version backed up.

Examples:
  $ DATA_DIR=./restored npx countinghouse restore /backups/countinghouse.tar

Exit codes: 0 all is restored, 1 nothing is, 2 wrong usage, 130 after Ctrl-C.`

export function registerBackup(program: Command, version: string, exit: (code: number) => void): void {
  program
    .command('backup')
    .summary('copy all data of a running system into a folder or a .tar file')
    .description(
      'Writes one consistent copy of all data of a system, which may be running, into a folder or a .tar file.',
    )
    .argument('<path>', 'a folder, or a file that ends in .tar; nothing may be there yet')
    .addHelpText('after', BACKUP_HELP)
    .action(async (path: string) => {
      // The engines' clients take long to load, and no other command needs them.
      const { runBackup } = await import('../backup/run-backup.js')
      exit(await runBackup(path, version))
    })
}

export function registerRestore(program: Command, exit: (code: number) => void): void {
  program
    .command('restore')
    .summary('load a backup into empty databases')
    .description('Loads a backup into empty databases.')
    .argument('<path>', 'what `countinghouse backup` made')
    .addHelpText('after', RESTORE_HELP)
    .action(async (path: string) => {
      const { runRestore } = await import('../backup/run-backup.js')
      exit(await runRestore(path))
    })
}
