import type { MigrationInterface } from 'typeorm'
import { Accounts1700000000001 } from './1700000000001-accounts.js'
import { DatasetVersions1700000000002 } from './1700000000002-dataset-versions.js'
import { RequestLogs1700000000003 } from './1700000000003-request-logs.js'
import { Ingestions1700000000004 } from './1700000000004-ingestions.js'
import { Idempotency1700000000005 } from './1700000000005-idempotency.js'
import { Audit1700000000006 } from './1700000000006-audit.js'
import { LowBalance1700000000007 } from './1700000000007-low-balance.js'
import { UserEmails1700000000010 } from './1700000000010-user-emails.js'
import { UserChanges1700000000011 } from './1700000000011-user-changes.js'
import { UserNames1700000000012 } from './1700000000012-user-names.js'
import { IngestionLifecycle1700000000020 } from './1700000000020-ingestion-lifecycle.js'
import { UserImport1700000000021 } from './1700000000021-user-import.js'
import { IngestionEncoding1700000000029 } from './1700000000029-ingestion-encoding.js'
import { Charging1700000000030 } from './1700000000030-charging.js'
import { ExpireUser1700000000031 } from './1700000000031-expire-user.js'
import { Catalog1700000000040 } from './1700000000040-catalog.js'
import { Dashboard1700000000041 } from './1700000000041-dashboard.js'
import { CatalogNotifications1700000000042 } from './1700000000042-catalog-notifications.js'
import { Sessions1700000000050 } from './1700000000050-sessions.js'
import { ChargingBatches1700000000060 } from './1700000000060-charging-batches.js'
import { TableProofs1700000000070 } from './1700000000070-table-proofs.js'
import { AccessTickets1700000000080 } from './1700000000080-access-tickets.js'
import { LiveNotifications1700000000081 } from './1700000000081-live-notifications.js'
import { ShopIndexes1700000000085 } from './1700000000085-shop-indexes.js'
import { ContractEdges1700000000093 } from './1700000000093-contract-edges.js'
import { OrderItemIds1700000000094 } from './1700000000094-order-item-ids.js'
import { LowBalanceFinal1700000000095 } from './1700000000095-low-balance-final.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [
  Accounts1700000000001,
  DatasetVersions1700000000002,
  RequestLogs1700000000003,
  Ingestions1700000000004,
  Idempotency1700000000005,
  Audit1700000000006,
  LowBalance1700000000007,
  UserEmails1700000000010,
  UserChanges1700000000011,
  UserNames1700000000012,
  IngestionLifecycle1700000000020,
  UserImport1700000000021,
  IngestionEncoding1700000000029,
  Charging1700000000030,
  ExpireUser1700000000031,
  Catalog1700000000040,
  Dashboard1700000000041,
  CatalogNotifications1700000000042,
  Sessions1700000000050,
  ChargingBatches1700000000060,
  TableProofs1700000000070,
  AccessTickets1700000000080,
  LiveNotifications1700000000081,
  ShopIndexes1700000000085,
  ContractEdges1700000000093,
  OrderItemIds1700000000094,
  LowBalanceFinal1700000000095,
]
