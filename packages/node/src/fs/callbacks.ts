/** The calls of `fs` with callbacks, and where they differ: what the callback gets, and what `promisify` makes. */
import { promisify } from 'node:util'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { functionOf } from './arguments/checks.ts'
import type { Operations, Transfers } from './calls/index.ts'
import { nativeRealpath } from './calls/names.ts'
import { readIn, readPart, writeOut, writePart } from './calls/transfers.ts'
import { inForm, withCallback } from './forms.ts'
import type { Call, Callback } from './forms.ts'
import { cpWithCallback } from './promises.ts'

type Answered = (error: Error | null, moved: number, of: unknown) => void
type Moved = readonly [number: number, of: unknown]

/** A transfer, which hands the buffer on; promisified it answers an object, as `names` has its fields. */
const transfer = (move: (...args: readonly unknown[]) => Moved, names: readonly [string, string]) => {
  const call = (...args: unknown[]): void => {
    const at = args.findLastIndex((one) => one !== undefined)
    const callback = functionOf(args[at], 'cb') as Answered
    const [, of] = args
    const answer = (error: Error | null, moved?: Moved): void =>
      (error === null ? callback(null, ...moved!) : callback(error, 0, of))
    withCallback(move as unknown as Call)(...args.slice(0, at), answer)
  }
  const promised = (...args: unknown[]): Promise<unknown> => new Promise((resolve, reject) => {
    call(...args, (error: Error | null, moved: number, of: unknown) =>
      (error === null ? resolve({ [names[0]]: moved, [names[1]]: of }) : reject(error)))
  })
  return Object.assign(call, { [promisify.custom]: promised })
}

const transfersWithCallback = (files: TaskFiles, transfers: Transfers) => ({
  read: transfer((fd, buffer, ...rest) => {
    const part = readPart(fd, buffer, rest)
    return [readIn(files, part), part.of]
  }, ['bytesRead', 'buffer']),
  write: transfer((fd, data, ...rest) => {
    const part = writePart(fd, data, rest)
    return [writeOut(files, part), part.of]
  }, ['bytesWritten', 'buffer']),
  readv: transfer((fd, views, position) =>
    [transfers.readv(fd as number, views as never, position as never), views], ['bytesRead', 'buffers']),
  writev: transfer((fd, views, position) =>
    [transfers.writev(fd as number, views as never, position as never), views], ['bytesWritten', 'buffers']),
})

/** Node's oldest call: its callback gets no error. */
const existsOf = (calls: Operations) => {
  const exists = (path: never, callback: (isThere: boolean) => void): void => {
    functionOf(callback, 'cb')
    setImmediate(callback, calls.exists(path))
  }
  const promised = async (path: never): Promise<boolean> => calls.exists(path)
  return Object.assign(exists, { [promisify.custom]: promised })
}

const closeOf = (calls: Operations) => {
  const close = withCallback(calls.close as Call)
  return (fd: number, callback: Callback<void> = (error) => { if (error) throw error }): void => close(fd, callback)
}

/** All calls with callbacks; Node's streams use some of them in the place of their own. */
export const callbacksOf = (files: TaskFiles, calls: Operations, transfers: Transfers): Record<string, unknown> => {
  const native = (path: never, options?: never): unknown => nativeRealpath(files, path, options)
  return {
    ...inForm(calls, (call) => withCallback(call)),
    ...transfersWithCallback(files, transfers),
    exists: existsOf(calls),
    close: closeOf(calls),
    cp: cpWithCallback(files),
    realpath: Object.assign(withCallback(calls.realpath as Call), { native: withCallback(native as Call) }),
  }
}
