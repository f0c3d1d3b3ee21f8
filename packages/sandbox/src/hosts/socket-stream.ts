/** A TCP connection of a task as a stream of Node's: each byte goes through the task's own system calls. */
import { EAGAIN, EINPROGRESS, errnoName, MSG_DONTWAIT, PF_EXITING, SO_ERROR, SOL_SOCKET } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core/option-rules'
import type { File, Task } from '@lsmkit/core'
import { fdTable, pollQueue } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'

/** A Duplex, as far as it is used here. */
export interface NodeStream {
  push(bytes: Uint8Array | null): boolean
  destroy(error?: Error): void
  on(event: string, take: (value: never) => void): void
}
export interface NodeStreams {
  readonly Duplex: new (options: object) => NodeStream
}

/** A refused or failed call of the task. `code` is the errno by name. */
export class CallError extends LsmkitError<string> {
  constructor(rc: number) {
    super(errnoName(rc), errnoName(rc))
  }
}

/** Bytes of one read. */
const ROOM = 65_536
const SHUT_WR = 1

export class TaskSocket {
  readonly #kernel: Kernel
  readonly #task: Task
  readonly #fd: number
  readonly #file: File | null
  #isClosed = false

  /** Takes the descriptor over. */
  constructor(kernel: Kernel, task: Task, fd: number) {
    this.#kernel = kernel
    this.#task = task
    this.#fd = fd
    this.#file = fdTable(task).get(fd)
  }

  /** Whether the task and its descriptor are still there. */
  get #isThere(): boolean {
    return !this.#isClosed && (this.#task.flags & PF_EXITING) === 0 && this.#task.files !== null
  }

  /** Makes `call` until it answers something other than -EAGAIN; -EBADF when the task has gone. */
  async #waits(call: () => number): Promise<number> {
    for (;;) {
      if (!this.#isThere) throw new Error('aborted: the process has ended')
      const rc = call()
      if (rc !== -EAGAIN) return rc
      const queue = pollQueue(this.#file!)
      if (queue === null) return rc
      await new Promise<void>((resolve) => queue.subscribe(() => queueMicrotask(resolve)))
    }
  }

  /** Settles when the connection that `rc` of connect(2) has begun is open. Rejects with CallError. */
  async opened(rc: number): Promise<void> {
    if (rc !== 0 && rc !== -EINPROGRESS) throw new CallError(rc)
    const { sys } = this.#kernel
    const peer = new Uint8Array(28)
    const error = { value: 0 }
    await this.#waits(() => {
      const failed = sys.getsockopt(this.#task, this.#fd, SOL_SOCKET, SO_ERROR, error as never, { value: 4 })
      if (failed !== 0 || error.value !== 0) return failed
      return sys.getpeername(this.#task, this.#fd, peer, { value: peer.length }) === 0 ? 0 : -EAGAIN
    })
    if (error.value !== 0) throw new CallError(-error.value)
  }

  stream({ Duplex }: NodeStreams): NodeStream {
    const { sys } = this.#kernel
    const [task, fd] = [this.#task, this.#fd]
    const room = new Uint8Array(ROOM)
    const read = async (): Promise<Uint8Array | null> => {
      const rc = await this.#waits(() => sys.recvfrom(task, fd, room, room.length, MSG_DONTWAIT, null, null))
      if (rc < 0) throw new CallError(rc)
      return rc === 0 ? null : room.slice(0, rc)
    }
    const write = async (bytes: Uint8Array, done: (error?: Error) => void): Promise<void> => {
      try {
        await send(bytes)
      } catch (error) {
        return done(error as Error)
      }
      done()
    }
    const send = async (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length;) {
        const rest = bytes.subarray(at)
        const rc = await this.#waits(() => sys.sendto(task, fd, rest, rest.length, MSG_DONTWAIT, null, 0))
        if (rc < 0) throw new CallError(rc)
        at += rc
      }
    }
    const stream: NodeStream = new Duplex({
      allowHalfOpen: true,
      read: () => void read().then((bytes) => stream.push(bytes), (error: Error) => stream.destroy(error)),
      write: (bytes: Uint8Array, _encoding: string, done: (error?: Error) => void) => void write(bytes, done),
      final: (done: (error?: Error) => void) => {
        if (this.#isThere) sys.shutdown(task, fd, SHUT_WR)
        done()
      },
      destroy: (error: Error | null, done: (error: Error | null) => void) => {
        this.close()
        done(error)
      },
    })
    return stream
  }

  close(): void {
    if (this.#isThere) this.#kernel.sys.close(this.#task, this.#fd)
    this.#isClosed = true
  }
}
