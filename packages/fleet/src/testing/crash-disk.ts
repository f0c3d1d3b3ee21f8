/** A folder in memory that keeps a list of all that was done to it, so that it can be had as it was at any moment. */
import type { SpoolDisk } from '../spool/spool-disk.ts'

type Op =
  | { readonly op: 'create' | 'sync' | 'remove', readonly name: string }
  | { readonly op: 'write', readonly name: string, readonly at: number, readonly bytes: Buffer }
  | { readonly op: 'cut', readonly name: string, readonly size: number }
  | { readonly op: 'rename', readonly name: string, readonly to: string }

/** What outlasts: all that was done, or what a loss of power leaves. */
export type Loss = 'nothing' | 'unsynced' | 'half' | 'removes'

interface File {
  data: Buffer
  /** As of the last `sync`. */
  safe: Buffer
}

const written = (data: Buffer, at: number, bytes: Buffer): Buffer => {
  const grown = Buffer.alloc(Math.max(data.length, at + bytes.length))
  grown.set(data)
  grown.set(bytes, at)
  return grown
}

export class CrashDisk implements SpoolDisk {
  readonly ops: Op[]
  readonly #files: Map<string, File>
  /** Called after each operation. */
  onOp: () => void = () => {}
  /** An error for the next operations, by their name. */
  fails: ((op: string) => boolean) = () => false

  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    this.ops = []
    this.#files = new Map([...files].map(([name, data]) => [name, { data, safe: data }]))
  }

  /** The folder after so many operations, the last of which was cut after some bytes of it. */
  static after(ops: readonly Op[], cutTo: number, loss: Loss, from: ReadonlyMap<string, Buffer>): CrashDisk {
    const disk = new CrashDisk(from)
    ops.forEach((op, i) => disk.#do(i === ops.length - 1 && op.op === 'write'
      ? { ...op, bytes: op.bytes.subarray(0, cutTo) } : op, loss))
    return new CrashDisk(new Map([...disk.#files].map(([name, file]) => [name, disk.#left(file, loss)])))
  }

  #left({ data, safe }: File, loss: Loss): Buffer {
    if (loss === 'unsynced') return safe
    return loss === 'half' ? data.subarray(0, safe.length + ((data.length - safe.length) >> 1)) : data
  }

  #do(op: Op, loss: Loss = 'nothing'): void {
    const file = this.#files.get(op.name)
    switch (op.op) {
      case 'create':
        this.#files.set(op.name, { data: Buffer.alloc(0), safe: Buffer.alloc(0) })
        break
      case 'write':
        file!.data = written(file!.data, op.at, op.bytes)
        break
      case 'sync':
        file!.safe = file!.data
        break
      case 'cut':
        file!.data = file!.data.subarray(0, op.size)
        break
      case 'rename':
        this.#files.delete(op.name)
        this.#files.set(op.to, file!)
        break
      case 'remove':
        if (loss !== 'removes') this.#files.delete(op.name)
    }
  }

  get files(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#files].map(([name, { data }]) => [name, data]))
  }

  async #record(op: Op): Promise<void> {
    await Promise.resolve()
    if (this.fails(op.op)) throw new Error(`${op.op}: no space left`)
    this.#do(op)
    this.ops.push(op)
    this.onOp()
  }

  async names(): Promise<readonly string[]> {
    return [...this.#files.keys()]
  }

  async read(name: string, at: number, most: number): Promise<Buffer | null> {
    await Promise.resolve()
    return this.#files.get(name)?.data.subarray(at, at + most) ?? null
  }

  create = (name: string): Promise<void> => this.#record({ op: 'create', name })
  write = (name: string, at: number, bytes: Uint8Array): Promise<void> =>
    this.#record({ op: 'write', name, at, bytes: Buffer.from(bytes) })
  sync = (name: string): Promise<void> => this.#record({ op: 'sync', name })
  cut = (name: string, size: number): Promise<void> => this.#record({ op: 'cut', name, size })
  rename = (name: string, to: string): Promise<void> => this.#record({ op: 'rename', name, to })
  remove = (name: string): Promise<void> => this.#record({ op: 'remove', name })
  close = async (): Promise<void> => {}
}
