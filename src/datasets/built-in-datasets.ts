import type { DatasetDefinition } from './dataset-definition.js'
import { EVENTS } from './events.dataset.js'
import { TRANSACTIONS } from './transactions.dataset.js'
import { USERS } from './users.dataset.js'

/** The datasets that every installation has. */
export const BUILT_IN_DATASETS: readonly DatasetDefinition[] = [TRANSACTIONS, EVENTS]

/** What no declared dataset can be called. */
export const RESERVED_NAMES: readonly string[] = [...BUILT_IN_DATASETS, USERS].map(({ name }) => name)
