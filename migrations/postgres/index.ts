import type { MigrationInterface } from 'typeorm'
import { Uuids1700000001000 } from './1700000001000-uuids.js'
import { Users1700000002000 } from './1700000002000-users.js'
import { ApiKeys1700000003000 } from './1700000003000-api-keys.js'
import { Credits1700000004000 } from './1700000004000-credits.js'
import { Charges1700000005000 } from './1700000005000-charges.js'
import { Webhooks1700000006000 } from './1700000006000-webhooks.js'
import { Idempotency1700000007000 } from './1700000007000-idempotency.js'
import { Audit1700000008000 } from './1700000008000-audit.js'
import { Logs1700000009000 } from './1700000009000-logs.js'
import { RateLimits1700000010000 } from './1700000010000-rate-limits.js'
import { Datasets1700000011000 } from './1700000011000-datasets.js'
import { Ingestions1700000012000 } from './1700000012000-ingestions.js'
import { UserImports1700000013000 } from './1700000013000-user-imports.js'
import { Catalog1700000014000 } from './1700000014000-catalog.js'
import { Orders1700000015000 } from './1700000015000-orders.js'
import { Dashboard1700000016000 } from './1700000016000-dashboard.js'
import { Live1700000017000 } from './1700000017000-live.js'
import { DeclaredDatasets1700000018000 } from './1700000018000-declared-datasets.js'
import { DatasetSources1700000019000 } from './1700000019000-dataset-sources.js'
import { AccessPolicies1700000020000 } from './1700000020000-access-policies.js'
import { Plans1700000021000 } from './1700000021000-plans.js'
import { CreditLimits1700000021100 } from './1700000021100-credit-limits.js'
import { StandardWebhooks1700000022000 } from './1700000022000-webhooks.js'
import { SelfService1700000023000 } from './1700000023000-self-service.js'
import { KeyMakers1700000023100 } from './1700000023100-key-makers.js'
import { Endpoints1700000024000 } from './1700000024000-endpoints.js'
import { BrowserTokens1700000025000 } from './1700000025000-browser-tokens.js'
import { Boards1700000026000 } from './1700000026000-boards.js'
import { LogErrors1700000027000 } from './1700000027000-log-errors.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [
  Uuids1700000001000,
  Users1700000002000,
  ApiKeys1700000003000,
  Credits1700000004000,
  Charges1700000005000,
  Webhooks1700000006000,
  Idempotency1700000007000,
  Audit1700000008000,
  Logs1700000009000,
  RateLimits1700000010000,
  Datasets1700000011000,
  Ingestions1700000012000,
  UserImports1700000013000,
  Catalog1700000014000,
  Orders1700000015000,
  Dashboard1700000016000,
  Live1700000017000,
  DeclaredDatasets1700000018000,
  DatasetSources1700000019000,
  AccessPolicies1700000020000,
  Plans1700000021000,
  CreditLimits1700000021100,
  StandardWebhooks1700000022000,
  SelfService1700000023000,
  KeyMakers1700000023100,
  Endpoints1700000024000,
  BrowserTokens1700000025000,
  Boards1700000026000,
  LogErrors1700000027000,
]
