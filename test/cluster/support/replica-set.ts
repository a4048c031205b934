import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../../support/server.js'
import { isInstalled, untilAccepting } from '../../support/services.js'
import { until } from '../../support/until.js'
import { Balancer } from './balancer.js'
import { CLUSTER, PASSWORD, serverXml, USER, usersXml } from './node-configuration.js'

/** of the repository: the compiled form of this file lies deeper */
const ROOT = rootAbove(import.meta.dirname)
const SUPPORT = join(ROOT, 'test/cluster/support')
const LIBRARY = join(ROOT, 'node_modules/@chdb/lib-linux-x64-gnu/libchdb.so')
const ZOOKEEPER_JAR = '/usr/share/java/zookeeper.jar'
const STARTS_WITHIN_MS = 60_000

/** A replica of a shard, in a process of its own. */
export interface ClusterNode {
  shard: number
  replica: number
  tcpPort: number
  httpPort: number
  interserverPort: number
  folder: string
}

/**
 * Shards and replicas of ClickHouse on this machine, with a coordination service beside them: what
 * `clickhouse server` is on many machines. Of a `clickhouse` binary on the PATH; else of the engine that the application
 * embeds, in which cluster-shim.c wires up what only a server does.
 */
export class ReplicaSet {
  readonly nodes: ClusterNode[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'countinghouse-cluster-'))
  private readonly processes = new Map<ClusterNode, ChildProcess>()
  private readonly paused = new Set<ClusterNode>()
  private keeper?: ChildProcess
  private keeperPort = 0
  private balancer!: Balancer

  private constructor(private readonly moreXml: string) {}

  /** Prints a line and gives false where it cannot run; with REQUIRE_SERVICES=1 it throws instead. */
  static canRun(what: string): boolean {
    if (hasServerBinary()) return true
    if (!isInstalled('java', what) || !isInstalled('cc', what)) return false
    const missing = [ZOOKEEPER_JAR, LIBRARY].find((path) => !existsSync(path))
    if (!missing) return true
    if (process.env.REQUIRE_SERVICES === '1') throw new Error(`REQUIRE_SERVICES=1 and ${missing} is not there`)
    console.log(`${what} is not tested: ${missing} is not there`)
    return false
  }

  static async start({ shards = 2, replicas = 2, moreXml = '' } = {}): Promise<ReplicaSet> {
    const set = new ReplicaSet(moreXml)
    await set.startKeeper()
    for (let shard = 1; shard <= shards; shard++)
      for (let replica = 1; replica <= replicas; replica++) set.nodes.push(await set.newNode(shard, replica))
    if (!hasServerBinary()) set.buildShim()
    await Promise.all(set.nodes.map((node) => set.start(node)))
    set.balancer = await Balancer.start(set.nodes.map(({ httpPort }) => httpPort))
    return set
  }

  /** what a server of the application needs */
  get env(): Record<string, string> {
    return {
      CLICKHOUSE_URL: `http://${USER}:${PASSWORD}@127.0.0.1:${this.balancer.port}`,
      CLICKHOUSE_CLUSTER: CLUSTER,
      // Four nodes share the machine.
      INGESTION_LEASE_SECONDS: '10',
    }
  }

  /** One statement on one node, in the application's database; its result as text. */
  async query(node: ClusterNode, statement: string, database = 'countinghouse'): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${node.httpPort}/?database=${database}`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': USER, 'x-clickhouse-key': PASSWORD },
      body: statement,
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    if (!response.ok || text.includes('__exception__')) throw new Error(text)
    return text.trim()
  }

  get living(): ClusterNode[] {
    return this.nodes.filter((node) => this.processes.has(node) && !this.paused.has(node))
  }

  async kill(node: ClusterNode): Promise<void> {
    const running = this.processes.get(node)
    if (!running) return
    this.processes.delete(node)
    const exited = once(running, 'exit')
    running.kill('SIGKILL')
    await exited
  }

  /** It neither answers nor ends, until it is resumed. */
  pause(node: ClusterNode): void {
    this.paused.add(node)
    this.processes.get(node)!.kill('SIGSTOP')
    this.balancer.leaveOut(node.httpPort)
  }

  resume(node: ClusterNode): void {
    this.paused.delete(node)
    this.processes.get(node)!.kill('SIGCONT')
    this.balancer.takeIn(node.httpPort)
  }

  /** Also one that was killed, with its data. */
  async start(node: ClusterNode): Promise<void> {
    mkdirSync(join(node.folder, 'data'), { recursive: true })
    const users = join(node.folder, 'users.xml')
    const server = join(node.folder, 'server.xml')
    writeFileSync(users, usersXml())
    const xml = { keeperPort: this.keeperPort, nodes: this.nodes, usersFile: users, moreXml: this.moreXml }
    writeFileSync(server, serverXml(node, xml))
    const log = openSync(join(node.folder, 'log'), 'a')
    const running = hasServerBinary() ? spawnServer(server, log) : this.spawnShimmed(node, server, log)
    this.processes.set(node, running)
    await untilAccepting(node.httpPort, running, {
      timeoutMs: STARTS_WITHIN_MS,
      why: () => `node ${node.shard}.${node.replica} does not start; ${node.folder}/log has its log`,
    })
  }

  async stop(): Promise<void> {
    await this.balancer?.stop()
    await Promise.all(this.nodes.map((node) => this.kill(node)))
    await this.killKeeper()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async newNode(shard: number, replica: number): Promise<ClusterNode> {
    const [tcpPort, httpPort, interserverPort] = [await freePort(), await freePort(), await freePort()]
    return { shard, replica, tcpPort, httpPort, interserverPort, folder: join(this.folder, `s${shard}r${replica}`) }
  }

  async killKeeper(): Promise<void> {
    if (!this.keeper) return
    const exited = once(this.keeper, 'exit')
    this.keeper.stdin!.end()
    await exited
    this.keeper = undefined
  }

  /** Also one that was killed, with its data. */
  async startKeeper(): Promise<void> {
    this.keeperPort ||= await freePort()
    this.keeper = hasServerBinary()
      ? spawnKeeper(this.folder, this.keeperPort)
      : spawnZooKeeper(this.folder, this.keeperPort)
    await untilAccepting(this.keeperPort, this.keeper, {
      timeoutMs: STARTS_WITHIN_MS,
      why: () => 'the coordination service does not start',
    })
    // It takes connections before it serves them.
    await until(async () => {
      if (!(await fourLetters(this.keeperPort, 'srvr')).includes('Mode')) throw new Error('it does not serve yet')
    })
  }

  private get shim(): string {
    return join(this.folder, 'shim.so')
  }

  private buildShim(): void {
    const source = join(SUPPORT, 'cluster-shim.c')
    execFileSync('cc', ['-O1', '-fPIC', '-shared', source, '-o', this.shim, '-ldl'])
  }

  /** `clickhouse local`, kept running by a statement that sleeps. The second address it listens on becomes the interserver one. */
  private spawnShimmed(node: ClusterNode, configuration: string, log: number): ChildProcess {
    const sleeps =
      'SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleep(1000000000) FORMAT Null SETTINGS function_sleep_max_microseconds_per_block = 0'
    const args = [`--config-file=${configuration}`, `--path=${join(node.folder, 'data')}`, '--query', sleeps]
    return spawn(process.execPath, [join(SUPPORT, 'node.mjs'), this.shim, LIBRARY, ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        APP_PACKAGE_JSON: join(ROOT, 'package.json'),
        SHIM_INTERSERVER_HOST: '127.0.0.2',
        SHIM_INTERSERVER_PORT: String(node.httpPort),
        SHIM_UUID_HIGH: `a000000000004${node.shard}0${node.replica}`,
        SHIM_UUID_LOW: '8000000000000001',
        SHIM_DDL_QUEUE: '/clickhouse/task_queue/ddl',
        SHIM_DDL_REPLICAS: '/clickhouse/task_queue/replicas',
      },
      stdio: ['ignore', log, log, 'ipc'],
    })
  }
}

/** The first piece of the answer: it may leave the connection open. */
async function fourLetters(port: number, word: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(word)
    const [data] = await Promise.race([once(socket, 'data'), once(socket, 'close')])
    return String(data)
  } finally {
    socket.destroy()
  }
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'node_modules')) ? folder : rootAbove(dirname(folder))
}

function hasServerBinary(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'clickhouse')))
}

function spawnServer(configuration: string, log: number): ChildProcess {
  return spawn('clickhouse', ['server', `--config-file=${configuration}`], { stdio: ['ignore', log, log] })
}

function spawnKeeper(folder: string, port: number): ChildProcess {
  const path = join(folder, 'keeper.xml')
  writeFileSync(
    path,
    `<clickhouse><logger><level>warning</level><console>1</console></logger><keeper_server><tcp_port>${port}</tcp_port><server_id>1</server_id>
<log_storage_path>${folder}/keeper/log</log_storage_path><snapshot_storage_path>${folder}/keeper/snapshots</snapshot_storage_path>
<raft_configuration><server><id>1</id><hostname>127.0.0.1</hostname><port>${port + 1}</port></server></raft_configuration></keeper_server></clickhouse>`,
  )
  return spawnCoupled('clickhouse', ['keeper', `--config-file=${path}`])
}

function spawnZooKeeper(folder: string, port: number): ChildProcess {
  const path = join(folder, 'zoo.cfg')
  writeFileSync(
    path,
    `tickTime=1000\ndataDir=${folder}/zookeeper\nclientPort=${port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\nforceSync=no\n`,
  )
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', ZOOKEEPER_JAR]
  return spawnCoupled('java', [...flags, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', path])
}

/** Ends when its standard input does, so also with a test that is killed. */
function spawnCoupled(command: string, args: string[]): ChildProcess {
  const script = '"$@" </dev/null >/dev/null 2>&1 & cat >/dev/null; kill -9 $!'
  return spawn('sh', ['-c', script, 'sh', command, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
}
