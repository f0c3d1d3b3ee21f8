/**
 * The way of native programs to `allow.hosts`: a proxy on a port of the loopback, for HTTP and SOCKS alike. It listens
 * when it is made, so that a program can be started in the same turn.
 */
import type { Server as HttpServer } from 'node:http'
import { Server } from 'node:net'
import type { Socket } from 'node:net'
import { AF_INET, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, errnoName } from '@lsmkit/abi'
import { denialOf } from '@lsmkit/sandbox/policy-parts'
import type { Denial, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { HostWay } from '@lsmkit/sandbox/hosts'
import type { GatewayRefusal, HostTraffic, Network, NetworkLimits } from '@lsmkit/sandbox/hosts'
import { NativeError } from '../native-error.ts'
import { hostSystem } from '../sys/system.ts'
import type { System } from '../sys/system.ts'
import { httpProxy } from './http-proxy.ts'
import { serveSocks, SOCKS_VERSION } from './socks.ts'

const BACKLOG = 128
const LOOPBACK = [127, 0, 0, 1] as const

const must = (rc: number, call: string): number => {
  if (rc < 0) throw new NativeError('start-failed', `\`${call}\` of the proxy answered ${errnoName(rc)}`)
  return rc
}

/** A descriptor that listens on a free port of 127.0.0.1, and the port. */
const listening = (system: System): { readonly fd: number; readonly port: number } => {
  const address = Uint8Array.of(AF_INET, 0, 0, 0, ...LOOPBACK, 0, 0, 0, 0, 0, 0, 0, 0)
  const fd = must(system.call('socket', AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 'socket')
  try {
    must(system.call('bind', fd, address, address.length), 'bind')
    must(system.call('listen', fd, BACKLOG), 'listen')
    const length = new Uint8Array(new Uint32Array([address.length]).buffer)
    must(system.call('getsockname', fd, address, length), 'getsockname')
  } catch (error) {
    system.call('close', fd)
    throw error
  }
  return { fd, port: (address[2]! << 8) | address[3]! }
}

export interface ProxyOptions {
  readonly allow: WholeAllow
  readonly limits: NetworkLimits
  readonly network: Network
  readonly onDenial: (denial: Denial) => void
}

/** Connections of the program to the proxy at a time. */
const MOST_CLIENTS = 512

/** Denials that a run keeps; more are reported to `onDenial` alone. */
const MOST_DENIALS = 1024

/** One run's proxy. */
export class HostProxy {
  readonly port: number
  /** The refusals of the run, in their order. */
  readonly denials: Denial[] = []
  readonly #options: ProxyOptions
  readonly #way: HostWay
  readonly #http: HttpServer
  readonly #server: Server
  readonly #open = new Set<Socket>()

  /** Throws NativeError `start-failed`, and SandboxError where the host opens no connections. */
  constructor(options: ProxyOptions) {
    this.#options = options
    const { allow, limits, network } = options
    this.#way = new HostWay({ hosts: allow.hosts, network, limits, refused: (refusal) => this.#refused(refusal) })
    this.#http = httpProxy(this.#way)
    this.#server = new Server({ allowHalfOpen: true }, (socket) => this.#take(socket))
    const { fd, port } = listening(hostSystem())
    this.port = port
    this.#server.maxConnections = MOST_CLIENTS
    this.#server.listen({ fd })
    this.#server.unref()
  }

  /** Variables by which programs find the proxy: curl reads those in lower case, Go and others both. */
  get env(): Readonly<Record<string, string>> {
    const http = `http://127.0.0.1:${this.port}`
    const ports = this.#options.allow.connect.some((peer) => typeof peer === 'number')
    const variables = {
      HTTP_PROXY: http, HTTPS_PROXY: http, ALL_PROXY: `socks5h://127.0.0.1:${this.port}`,
      ...(ports ? { NO_PROXY: 'localhost,127.0.0.1,::1' } : {}),
    }
    return {
      ...Object.fromEntries(Object.entries(variables).flatMap(([name, value]) =>
        [[name, value], [name.toLowerCase(), value]])),
      // Node's own clients, from 24 on
      NODE_USE_ENV_PROXY: '1',
    }
  }

  get connections(): readonly HostTraffic[] {
    return this.#way.traffic
  }

  /** Ends all connections. */
  end(): void {
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
  }

  /** The first byte says which of the two protocols it is. */
  #take(socket: Socket): void {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null
      if (first === null) return void socket.destroy()
      socket.unshift(first)
      if (first[0] === SOCKS_VERSION) void serveSocks(this.#way, socket)
      else this.#http.emit('connection', socket)
    })
  }

  #refused({ errno, ...refusal }: GatewayRefusal): void {
    const record = { kind: 'host', rc: -errno, time: Date.now(), ...refusal } as const
    const { allow, onDenial } = this.#options
    const denial = denialOf({ call: 'connect', record }, {
      run: 1, role: null, allow, ways: [], isForeignLink: false, isThere: () => false,
    })
    if (this.denials.length < MOST_DENIALS) this.denials.push(denial)
    onDenial(denial)
  }
}
