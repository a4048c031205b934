import type { MigrationInterface } from 'typeorm'
import { Accounts1700000000001 } from './1700000000001-accounts.js'
import { DatasetVersions1700000000002 } from './1700000000002-dataset-versions.js'
import { RequestLogs1700000000003 } from './1700000000003-request-logs.js'
import { Ingestions1700000000004 } from './1700000000004-ingestions.js'
import { IngestionLifecycle1700000000020 } from './1700000000020-ingestion-lifecycle.js'
import { UserEmails1700000000010 } from './1700000000010-user-emails.js'
import { UserChanges1700000000011 } from './1700000000011-user-changes.js'
import { UserNames1700000000012 } from './1700000000012-user-names.js'
import { Charging1700000000030 } from './1700000000030-charging.js'
import { Catalog1700000000040 } from './1700000000040-catalog.js'
import { Dashboard1700000000041 } from './1700000000041-dashboard.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [
  Accounts1700000000001,
  DatasetVersions1700000000002,
  RequestLogs1700000000003,
  Ingestions1700000000004,
  IngestionLifecycle1700000000020,
  UserEmails1700000000010,
  UserChanges1700000000011,
  UserNames1700000000012,
  Charging1700000000030,
  Catalog1700000000040,
  Dashboard1700000000041,
]
