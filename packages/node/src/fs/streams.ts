/** Node's own streams of files, which open, read, write and close by the task. */
import { ReadStream as NodeReadStream, WriteStream as NodeWriteStream } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:fs'
import { callbackify } from 'node:util'
import { plainCopyOf } from './arguments/stream-options.ts'
import type { StreamArgument } from './arguments/stream-options.ts'
import type { Path } from './arguments/paths.ts'
import type { Call } from './forms.ts'
import { isHandle } from './open-handle.ts'

/** The calls with callbacks that a stream makes. */
export type StreamCalls = Readonly<Record<string, unknown>>

type Stream<S> = {
  new (path: Path | undefined | null, options?: StreamArgument): S
  (path: Path | undefined | null, options?: StreamArgument): S
  prototype: S
}

export interface StreamClasses {
  readonly ReadStream: Stream<ReadStream>
  readonly WriteStream: Stream<WriteStream>
}

type Done = (error: Error | null, moved?: number, of?: unknown) => void

/** A transfer of the handle with a callback, in the place of the call on its descriptor. */
const moving = (move: (args: readonly unknown[]) => Promise<object>) => (_fd: number, ...args: unknown[]): void => {
  const done = args.pop() as Done
  const moved = callbackify(() => move(args))
  moved((error, answer) => (error ? done(error) : done(null, ...Object.values(answer) as [number, unknown])))
}

/** A stream on a handle, whose own calls it makes: it reads, writes and closes what the handle does. */
const ofHandle = (options: Record<string, unknown>, fs: StreamCalls): Record<string, unknown> => {
  const { fd: handle } = options
  if (!isHandle(handle)) return { ...options, fs }
  const done = (call: () => Promise<void>) => (_fd: number, then: Done): void => callbackify(call)(then)
  const calls = {
    open: fs['open'],
    read: moving((args) => handle.read(...args)), write: moving((args) => handle.write(...args)),
    writev: moving((args) => handle.writev(...args)),
    fsync: done(() => handle.sync()), close: done(() => handle.close()),
  }
  return { ...options, fd: handle.fd, fs: calls }
}

/** Node's class, made with our calls. It is a function that others call on objects of their own, as Node's is. */
const classOf = <S>(of: typeof NodeReadStream | typeof NodeWriteStream, fs: StreamCalls, name: string): Stream<S> => {
  const made = function (this: unknown, path: Path | undefined | null, options?: StreamArgument): unknown {
    if (!(this instanceof (made as unknown as new () => object))) return Reflect.construct(made, [path, options])
    const checked = ofHandle(plainCopyOf(options, name), fs)
    ;(of as unknown as Call).call(this, path as never, checked as never)
    const { fd } = (options ?? {}) as { fd?: unknown }
    if (isHandle(fd)) fd.once('close', () => (this as ReadStream).destroy())
    return undefined
  }
  Object.setPrototypeOf(made.prototype, of.prototype as object)
  Object.setPrototypeOf(made, of)
  Object.defineProperty(made, 'name', { value: name })
  return made as unknown as Stream<S>
}

export const streamsOf = (fs: StreamCalls): StreamClasses => ({
  ReadStream: classOf<ReadStream>(NodeReadStream, fs, 'ReadStream'),
  WriteStream: classOf<WriteStream>(NodeWriteStream, fs, 'WriteStream'),
})
