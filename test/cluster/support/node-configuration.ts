import { join } from 'node:path'
import type { ClusterNode } from './replica-set.js'

export const CLUSTER = 'grid'
export const USER = 'countinghouse'
export const PASSWORD = 'pw'

export function usersXml(): string {
  const user = (name: string, password: string): string => `<${name}><password>${password}</password>
<profile>default</profile><quota>default</quota><networks><ip>127.0.0.1</ip></networks><access_management>1</access_management></${name}>`
  return `<clickhouse><profiles><default><cancel_http_readonly_queries_on_client_close>1</cancel_http_readonly_queries_on_client_close>
<http_max_field_value_size>1073741824</http_max_field_value_size><http_send_timeout>900</http_send_timeout></default></profiles>
<quotas><default/></quotas><users>${user('default', '')}${user(USER, PASSWORD)}</users></clickhouse>`
}

/** What docs/scaling.md asks of each node. */
export function serverXml(
  node: ClusterNode,
  more: { keeperPort: number; nodes: ClusterNode[]; usersFile: string; moreXml: string },
): string {
  return `<clickhouse><logger><level>information</level><console>1</console></logger><users_config>${more.usersFile}</users_config>
<path>${join(node.folder, 'data')}/</path><listen_host>127.0.0.1</listen_host><listen_host>127.0.0.2</listen_host>
<tcp_port>${node.tcpPort}</tcp_port><http_port>${node.httpPort}</http_port><interserver_http_host>127.0.0.1</interserver_http_host><interserver_http_port>${node.interserverPort}</interserver_http_port>
<zookeeper><node><host>127.0.0.1</host><port>${more.keeperPort}</port></node><session_timeout_ms>6000</session_timeout_ms></zookeeper>
<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
<macros><shard>${node.shard}</shard><replica>${node.replica}</replica></macros>
<remote_servers><${CLUSTER}><secret>test</secret>${shardsXml(more.nodes)}</${CLUSTER}></remote_servers>
<max_server_memory_usage>3000000000</max_server_memory_usage><mark_cache_size>100000000</mark_cache_size>${more.moreXml}</clickhouse>`
}

function shardsXml(nodes: ClusterNode[]): string {
  const shards = [...new Set(nodes.map(({ shard }) => shard))]
  const replica = ({ tcpPort }: ClusterNode): string =>
    `<replica><host>127.0.0.1</host><port>${tcpPort}</port></replica>`
  return shards
    .map((shard) => {
      const replicas = nodes.filter((node) => node.shard === shard).map(replica)
      return `<shard><internal_replication>true</internal_replication>${replicas.join('')}</shard>`
    })
    .join('')
}
