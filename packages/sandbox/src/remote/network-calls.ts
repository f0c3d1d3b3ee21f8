/** The network of a box across two threads: functions of its maker, called from the thread of the kernel. */
import type { ByteStreams } from '../hosts/dial.ts'
import type { Network } from '../hosts/network.ts'
import type { Rpc } from './rpc.ts'

interface Served {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly writer: WritableStreamDefaultWriter<Uint8Array>
}

/** Where the functions are: the streams that they have given, by number. */
export class ServedStreams {
  readonly #open = new Map<number, Served>()

  async open(key: number, opening: Promise<ByteStreams> | undefined): Promise<void> {
    if (opening === undefined) throw new Error('the box is closed')
    const { readable, writable } = await opening
    this.#open.set(key, { reader: readable.getReader(), writer: writable.getWriter() })
  }

  /** The next bytes; null at the end. */
  async receive(key: number): Promise<Uint8Array | null> {
    return (await this.#open.get(key)?.reader.read())?.value ?? null
  }

  /** Settles when more may come; null ends this direction. */
  async send(key: number, bytes: Uint8Array | null): Promise<void> {
    const writer = this.#open.get(key)?.writer
    await (bytes === null ? writer?.close() : writer?.write(bytes))
  }

  hangUp(key: number): void {
    const served = this.#open.get(key)
    this.#open.delete(key)
    served?.reader.cancel().catch(() => {})
    served?.writer.abort().catch(() => {})
  }
}

let lastKey = 0

/** The network of a box as data: the names of its functions, and the rest. */
export interface NetworkData {
  readonly functions: readonly string[]
  readonly ca?: string
}

export const networkData = ({ ca, ...functions }: Network): NetworkData =>
  ({ functions: Object.keys(functions), ...(ca === undefined ? {} : { ca }) })

/** In the thread of the kernel: the network of box `id`. */
export const remoteNetwork = (rpc: Rpc, id: number, { functions: names, ca }: NetworkData): Network => ({
  ...(ca === undefined ? {} : { ca }),
  ...(names.includes('resolve')
    ? { resolve: (name: string) => rpc.call('resolve', id, name) as Promise<readonly string[]> }
    : {}),
  ...(names.includes('connect') ? { connect: (to) => remoteStreams(rpc, 'connect', id, to) } : {}),
  ...(names.includes('datagrams') ? { datagrams: (to) => remoteStreams(rpc, 'datagrams', id, to) } : {}),
})

const remoteStreams = async (
  rpc: Rpc, call: 'connect' | 'datagrams', id: number, to: Parameters<NonNullable<Network['connect']>>[0],
): Promise<ByteStreams> => {
  const key = ++lastKey
  await rpc.call(call, id, key, to)
  let isOpen = true
  const hangUp = (): void => {
    if (isOpen) rpc.tell('hangUp', key)
    isOpen = false
  }
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = await rpc.call('receive', key) as Uint8Array | null
      if (bytes === null) controller.close()
      else controller.enqueue(bytes)
    },
    cancel: hangUp,
  }, { highWaterMark: 0 })
  const writable = new WritableStream<Uint8Array>({
    write: async (bytes) => void await rpc.call('send', key, bytes),
    close: async () => void await rpc.call('send', key, null),
    abort: hangUp,
  })
  return { readable, writable }
}
