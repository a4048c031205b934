import { ON_CLUSTER } from '../../support/on-cluster.js'
import { CLUSTER } from './node-configuration.js'
import { ReplicaSet } from './replica-set.js'

/** Of `npm run test:e2e -- --cluster`: one cluster for all suites. */
export default async function startForAll(): Promise<() => Promise<void>> {
  if (!ReplicaSet.canRun('The end-to-end suites on a cluster')) process.exit(0)
  const set = await ReplicaSet.start()
  process.env[ON_CLUSTER.url] = set.env.CLICKHOUSE_URL
  process.env[ON_CLUSTER.name] = CLUSTER
  return () => set.stop()
}
