/** Streams of WASI 0.3 over streams of the host, and the futures in which they end. */
import { EAGAIN, EIO, ERESTARTSYS } from '@lsmkit/abi'
import type { WaitQueue } from '@lsmkit/kernel'
import type { Process } from '../../process.ts'
import { ComponentStream } from '../async/streams.ts'
import type { Items } from '../async/streams.ts'
import type { Scheduler } from '../async/task.ts'
import { fileErrorName } from '../file-errors.ts'
import { Pollable } from '../host/pollable.ts'
import type { InputStream, OutputStream } from '../host/streams.ts'
import type { ComponentValue } from '../scalars.ts'
import type { ValueType } from '../value-types.ts'
import { namedCase } from './spelling.ts'
import type { Spelling } from './spelling.ts'

/** The program, the order of its tasks, and what it has of WASI 0.2. */
export interface Host3 {
  readonly process: Process
  readonly scheduler: Scheduler
  readonly spelling: Spelling
}

/** One call reads so much at most. */
const CHUNK = 2 ** 16

/** The values that a stream or a future passes; null where it passes none. */
export const passedBy = (type: ValueType | null | undefined): ValueType | null =>
  (type !== null && type !== undefined && 'of' in type ? type.of : null)

/** The fields of a tuple. */
export const fieldTypes = (type: ValueType | null): readonly ValueType[] =>
  (type !== null && 'fields' in type ? type.fields.map(([, field]) => field) : [])

/** A `result` without a value, of this type: `rc` is -errno where it has failed. */
export type EndOf = (type: ValueType | null, rc: number) => ComponentValue

/** The error of a `result` by its name in WASI 0.2. */
export const errorResult = (type: ValueType | null, name: string): ComponentValue => {
  const of = type !== null && 'cases' in type ? type.cases[1]?.[1] ?? null : null
  return { error: of !== null && 'cases' in of ? namedCase(of, name) : null }
}

const fileEnd: EndOf = (type, rc) => (rc >= 0 ? { ok: null } : errorResult(type, fileErrorName(rc)))

/** Makes a call that may have to wait until it need not. */
const untilDone = (
  { process, scheduler }: Host3, poll: () => Pollable, call: () => number, then: (rc: number) => void,
): void => {
  let rc = 0
  let queue: WaitQueue | null = null
  const isDone = (): boolean => {
    process.machine.forgetSleep()
    rc = call()
    queue = process.machine.sleepOn
    return rc !== -ERESTARTSYS && rc !== -EAGAIN
  }
  if (isDone()) return then(rc)
  scheduler.waitForHost(new Pollable({
    isReady: isDone, queues: () => (queue === null ? poll().queues : [queue]),
  }), () => then(rc))
}

/** A source of bytes, or why there is no such source: -errno. */
export interface Reading {
  readonly from: InputStream | number
  /** By default an `error-code` of files. */
  readonly endOf?: EndOf
  /** Nobody reads any more. */
  readonly over?: () => void
}

/** The bytes of a source, read when somebody reads them, and the future of its end. */
export const inputStream = (
  host: Host3, [of, end]: readonly (ValueType | undefined)[], { from, endOf = fileEnd, over = () => {} }: Reading,
): readonly [stream: ComponentStream, end: ComponentStream] => {
  const { process } = host
  const stream = new ComponentStream('stream', passedBy(of), null)
  const future = new ComponentStream('future', passedBy(end), null)
  const finish = (rc: number): void => {
    stream.onDrop = null
    stream.drop()
    over()
    future.give([endOf(passedBy(end), rc)])
  }
  if (typeof from === 'number') {
    finish(from)
    return [stream, future]
  }
  stream.onDrop = () => finish(0)
  stream.onReader = () => {
    const { waiting } = stream
    if (waiting === null || !waiting.end.isReader) return
    const bytes = new Uint8Array(Math.min(CHUNK, Math.max(1, waiting.buffer.left)))
    // whoever gives up reading leaves what has not come
    const read = (): number => (stream.waiting === waiting ? from.read(process, bytes) : 0)
    untilDone(host, () => from.poll(process), read, (rc) => {
      if (stream.waiting !== waiting) return
      if (rc <= 0) return finish(rc)
      process.budget.spendBytes(rc)
      stream.give(bytes.subarray(0, rc))
    })
  }
  return [stream, future]
}

const bytesOf = (piece: Items): Uint8Array => (piece instanceof Uint8Array ? piece : Uint8Array.from(piece as number[]))

/** Writes all bytes, and goes on with 0 or -errno. */
const writeAll = (host: Host3, to: OutputStream, bytes: Uint8Array, then: (rc: number) => void): void => {
  const { process } = host
  let done = 0
  const write = (): number => {
    while (done < bytes.length) {
      const rc = to.write(process, bytes.subarray(done))
      if (rc <= 0) return rc === 0 ? -EIO : rc
      done += rc
      process.budget.spendBytes(rc)
      process.looksAgain()
    }
    return 0
  }
  untilDone(host, () => to.poll(process), write, then)
}

/** Where the bytes of a component go, or why they go nowhere: -errno. */
export interface Writing {
  readonly to: OutputStream | number
  readonly endOf?: EndOf
  /** Nothing more is written; `rc` is 0 when all of it was, or -errno. Answers the rc of the end. */
  readonly over?: (rc: number) => number
}

/** Writes what comes. The future of its end. */
export const outputStream = (
  host: Host3, data: ComponentStream, end: ValueType | null, { to, endOf = fileEnd, over = (rc) => rc }: Writing,
): ComponentStream => {
  const { scheduler } = host
  const future = new ComponentStream('future', passedBy(end), null)
  const finish = (rc: number): void => future.give([endOf(passedBy(end), rc)])
  if (typeof to === 'number') {
    data.drop()
    finish(to)
    return future
  }
  data.drain((piece, next) => {
    if (piece === null) return finish(over(0))
    scheduler.writing += 1
    writeAll(host, to, bytesOf(piece), (rc) => {
      scheduler.writing -= 1
      if (rc < 0) finish(over(rc))
      next(rc >= 0)
    })
  })
  return future
}
