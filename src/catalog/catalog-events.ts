/** Emitted after a change of products, customers or orders, in the process that made it; awaited before it is answered. */
export const CATALOG_CHANGED = 'catalog.changed'

/** PostgreSQL notifies every instance of such a change here. */
export const CATALOG_CHANNEL = 'countinghouse_catalog'
