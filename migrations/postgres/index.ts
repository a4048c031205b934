import type { MigrationInterface } from 'typeorm'
import { Accounts1700000000001 } from './1700000000001-accounts.js'
import { DatasetVersions1700000000002 } from './1700000000002-dataset-versions.js'
import { RequestLogs1700000000003 } from './1700000000003-request-logs.js'
import { Ingestions1700000000004 } from './1700000000004-ingestions.js'
import { UserEmails1700000000010 } from './1700000000010-user-emails.js'
import { IngestionLifecycle1700000000020 } from './1700000000020-ingestion-lifecycle.js'
import { UserImport1700000000021 } from './1700000000021-user-import.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [
  Accounts1700000000001,
  DatasetVersions1700000000002,
  RequestLogs1700000000003,
  Ingestions1700000000004,
  UserEmails1700000000010,
  IngestionLifecycle1700000000020,
  UserImport1700000000021,
]
