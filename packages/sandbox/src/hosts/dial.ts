/** Connections of the host's to one address: how they are opened and counted, by Node or by a function of yours. */
import { ECONNREFUSED, ECONNRESET, errnoByName } from '@lsmkit/abi'
import type { OutsideConnection, OutsideEvents } from '@lsmkit/kernel'
import { builtin } from '../node-host.ts'

export interface DialTarget {
  readonly address: string
  readonly port: number
}

export interface DialEvents extends OutsideEvents {
  /** Called once, when nothing is left of the connection; also for one that was never opened. */
  closed(): void
}

export interface Dialled extends OutsideConnection {
  /** Ends it at once. Bytes that were written and not sent are lost. */
  abort(): void
}

/** Opens a connection. `opened` or `failed` comes later, never within the call. */
export type Dial = (to: DialTarget, events: DialEvents) => Dialled

/** Milliseconds for what a program has left behind: a host that reads nothing would keep it for ever. */
const LINGER = 5000

/** A positive errno of Linux for an error of the host's. */
export const errnoOf = (error: unknown, usual: number): number => {
  const code = (error as { readonly code?: unknown } | null)?.code
  return (typeof code === 'string' ? errnoByName(code) : undefined) ?? usual
}

interface NodeSocket {
  readonly connecting: boolean
  on(event: string, take: (value: never) => void): void
  write(bytes: Uint8Array, done: () => void): boolean
  end(): void
  pause(): void
  resume(): void
  destroy(): void
  destroySoon(): void
}
interface NodeNet {
  connect(options: object): NodeSocket
}
interface NodeDns {
  lookup(name: string, options: object): Promise<readonly { readonly address: string }[]>
}
const unrefTimer = (timer: unknown): void => (timer as { unref?: () => void }).unref?.()

/** By Node's sockets; null where there is no Node. `linger` is in milliseconds. */
export const nodeDial = (linger = LINGER): Dial | null => {
  const net = builtin<NodeNet>('node:net')
  if (net?.connect === undefined) return null
  return ({ address, port }, events) => {
    const socket = net.connect({ host: address, port, allowHalfOpen: true })
    let lingering: ReturnType<typeof setTimeout> | undefined
    const leave = (): void => {
      lingering ??= setTimeout(() => socket.destroy(), linger)
      unrefTimer(lingering)
    }
    socket.on('close', () => {
      clearTimeout(lingering)
      events.closed()
    })
    socket.on('connect', () => events.opened())
    socket.on('data', (bytes: Uint8Array) => {
      if (!events.data(bytes)) socket.pause()
    })
    socket.on('end', () => events.ended())
    socket.on('error', (error: unknown) => events.failed(errnoOf(error, ECONNREFUSED)))
    return {
      write: (bytes, done) => void socket.write(bytes, () => done()),
      end: () => socket.end(),
      resume: () => socket.resume(),
      leave,
      destroy() {
        if (socket.connecting) return socket.destroy()
        socket.destroySoon()
        leave()
      },
      abort: () => socket.destroy(),
    }
  }
}

/** By the resolver of the host's system, its hosts file included; null where there is no Node. */
export const nodeResolve = (): ((name: string) => Promise<readonly string[]>) | null => {
  const dns = builtin<{ readonly promises: NodeDns }>('node:dns')?.promises
  if (dns?.lookup === undefined) return null
  return async (name) => (await dns.lookup(name, { all: true, verbatim: true })).map(({ address }) => address)
}

/** The two directions of a connection. */
export interface ByteStreams {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** A connection over streams, whose functions may come in any order. */
class StreamConnection implements Dialled {
  readonly #events: DialEvents
  readonly #linger: number
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null
  #resumed: (() => void) | null = null
  #lingering: ReturnType<typeof setTimeout> | undefined
  #isOver = false
  #isOpen = false
  #closing: Promise<void> | null = null

  constructor(events: DialEvents, linger: number) {
    this.#events = events
    this.#linger = linger
  }

  async run(open: Promise<ByteStreams>): Promise<void> {
    try {
      const { readable, writable } = await open
      this.#reader = readable.getReader()
      this.#writer = writable.getWriter()
      this.#writer.closed.catch((error: unknown) => this.#fail(error))
      if (this.#isOver) return this.#release()
      this.#isOpen = true
      this.#events.opened()
      await this.#read(this.#reader)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read()
      if (this.#isOver) return
      if (done) return this.#events.ended()
      if (value.length > 0 && !this.#events.data(value)) await new Promise<void>((resolve) => (this.#resumed = resolve))
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#events.failed(errnoOf(error, this.#isOpen ? ECONNRESET : ECONNREFUSED))
    this.abort()
  }

  #release(): void {
    this.#reader?.cancel().catch(() => {})
    this.#writer?.abort().catch(() => {})
  }

  write(bytes: Uint8Array, done: () => void): void {
    void this.#send(bytes, done)
  }

  async #send(bytes: Uint8Array, done: () => void): Promise<void> {
    try {
      await this.#writer!.write(bytes)
    } catch (error) {
      return this.#fail(error)
    }
    done()
  }

  end(): void {
    this.#close().catch((error: unknown) => this.#fail(error))
  }

  #close(): Promise<void> {
    return (this.#closing ??= this.#writer!.close())
  }

  resume(): void {
    this.#resumed?.()
    this.#resumed = null
  }

  leave(): void {
    this.#lingering ??= setTimeout(() => this.abort(), this.#linger)
    unrefTimer(this.#lingering)
  }

  destroy(): void {
    if (!this.#isOpen) return this.abort()
    this.leave()
    void this.#close().catch(() => {}).then(() => this.abort())
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#lingering)
    this.resume()
    this.#release()
    queueMicrotask(() => this.#events.closed())
  }
}

/** By a function that gives the streams of a connection. */
export const streamDial = (open: (to: DialTarget) => Promise<ByteStreams>, linger = LINGER): Dial => (to, events) => {
  const connection = new StreamConnection(events, linger)
  void connection.run(Promise.resolve().then(() => open(to)))
  return connection
}
