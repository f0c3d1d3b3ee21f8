/** Three nats-servers on 127.0.0.1 as one cluster, which can be killed, stopped and started again one by one. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { natsBinary } from '../../packages/fleet/src/testing/nats-server.ts'
import { leaderOf } from '../../packages/fleet/src/testing/stream-leader.ts'
import { processorSeconds, startProcess, until } from './processes.ts'
import type { Started } from './processes.ts'

const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>(
    (resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
    })))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export class Cluster {
  readonly #path: string
  readonly #ports: readonly number[]
  readonly #processes: (Started | null)[] = [null, null, null]

  private constructor(path: string, ports: readonly number[]) {
    this.#path = path
    this.#ports = ports
  }

  /** `users` is the text of `lsm fleet permissions`. */
  static async start(path: string, users: string): Promise<Cluster> {
    const ports = await freePorts(6)
    const routes = ports.slice(3).map((port) => `"nats://127.0.0.1:${port}"`).join(', ')
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'users.conf'), users)
    const cluster = new Cluster(path, ports)
    for (const i of [0, 1, 2]) {
      writeFileSync(join(path, `n${i}.conf`), [
        `server_name: n${i}`, `listen: "127.0.0.1:${ports[i]!}"`,
        `jetstream { store_dir: "${join(path, `n${i}`)}", max_mem: 64M, max_file: 20G }`,
        `cluster { name: fleet, listen: "127.0.0.1:${ports[i + 3]!}", routes: [${routes}] }`,
        'authorization { timeout: 30 }', 'include users.conf', '',
      ].join('\n'))
      cluster.start(i)
    }
    return cluster
  }

  get urls(): readonly string[] {
    return this.#ports.slice(0, 3).map((port) => `nats://127.0.0.1:${port}`)
  }

  get seconds(): number {
    return this.#processes.reduce((sum, one) => sum + (one === null ? 0 : processorSeconds(one)), 0)
  }

  start(i: number): void {
    this.#processes[i] = startProcess(natsBinary, ['--config', join(this.#path, `n${i}.conf`)])
  }

  async kill(i: number): Promise<void> {
    await this.#processes[i]?.kill()
    this.#processes[i] = null
  }

  stop(i: number): void {
    this.#processes[i]?.signal('SIGSTOP')
  }

  goOn(i: number): void {
    this.#processes[i]?.signal('SIGCONT')
  }

  /** The server that leads a stream. */
  async leader(stream: string, seed: string): Promise<number> {
    let leader = -1
    await until(`a leader of ${stream}`, async () => {
      leader = Number(/^n(\d)$/.exec(await leaderOf(this.urls, seed, stream) ?? '')?.[1] ?? -1)
      return leader >= 0
    })
    return leader
  }

  async end(): Promise<void> {
    await Promise.all([0, 1, 2].map((i) => this.kill(i)))
  }
}
