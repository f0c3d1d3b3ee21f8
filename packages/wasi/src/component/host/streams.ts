/** `wasi:io/streams` and `wasi:io/error`: reading and writing in order, at a place of a file or where it stands. */
import { EIO, EPIPE, RWF_APPEND, wasiErrno, wasiErrnoName } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { bound } from '@lsmkit/kernel'
import type { Process } from '../../process.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { Resource } from '../handles.ts'
import { Pollable } from './pollable.ts'

/** What one call reads at most, and what a writer is told that there is room for. */
const CHUNK = 2 ** 20
/** What one system call writes at most, so that the clock is looked at in between. */
const PIECE = 2 ** 24

/** An open file, for as long as it is: a stream does not outlive it. */
export interface Opened {
  readonly fd: number
}

/** Why a stream has failed, as an errno of preview 1. */
export class IoError extends Resource {
  readonly errno: number

  constructor(errno: number) {
    super()
    this.errno = errno
  }
}

const fileOf = ({ task }: Process, { fd }: Opened): File | null => task.files?.fd[fd] ?? null

export class InputStream extends Resource {
  readonly opened: Opened
  /** Null: where the file stands. */
  #offset: number | null

  constructor(opened: Opened, offset: number | null) {
    super()
    this.opened = opened
    this.#offset = offset
  }

  /** How many bytes, or -errno. */
  read({ sys, task }: Process, buffer: Uint8Array): number {
    const { opened: { fd } } = this
    const offset = this.#offset
    if (offset === null) return sys.read(task, fd, buffer)
    const rc = sys.pread64(task, fd, buffer, offset)
    if (rc > 0) this.#offset = offset + rc
    return rc
  }
}

export class OutputStream extends Resource {
  readonly opened: Opened
  #place: number | 'end' | null

  constructor(opened: Opened, place: number | 'end' | null) {
    super()
    this.opened = opened
    this.#place = place
  }

  write({ sys, task }: Process, bytes: Uint8Array): number {
    const { opened: { fd } } = this
    const place = this.#place
    if (place === null) return sys.write(task, fd, bytes)
    if (place === 'end') return sys.pwritev2(task, fd, [bytes], 0, RWF_APPEND)
    const rc = sys.pwrite64(task, fd, bytes, place)
    if (rc > 0) this.#place = place + rc
    return rc
  }
}

/** Streams of one component, and the buffers that its calls share. */
class Streams {
  readonly callee: Callee
  scratch = new Uint8Array(0)
  zeroes: Uint8Array | null = null

  constructor(callee: Callee) {
    this.callee = callee
  }
}

const scratchOf = (streams: Streams, length: bigint): Uint8Array => {
  const size = Number(BigInt.asUintN(64, length) > CHUNK ? CHUNK : length)
  if (streams.scratch.length < size) streams.scratch = new Uint8Array(size)
  return streams.scratch.subarray(0, size)
}

const pollableOf = (streams: Streams, stream: InputStream | OutputStream): Pollable =>
  Pollable.ofFile(() => fileOf(streams.callee.process, stream.opened), stream instanceof OutputStream)

const subscribe = (
  streams: Streams, self: number, type: typeof InputStream | typeof OutputStream,
): number => streams.callee.hand(pollableOf(streams, streams.callee.resource<InputStream | OutputStream>(self, type)))

/** A `stream-error`: that the other end is closed, or what has gone wrong. */
const failed = (streams: Streams, ret: number, align: number, rc: number): number => {
  const { callee } = streams
  callee.put8(ret, 1)
  callee.put8(ret + align, rc === 0 || rc === -EPIPE ? 1 : 0)
  if (rc < 0 && rc !== -EPIPE) callee.put32(ret + align + 4, callee.hand(new IoError(wasiErrno(rc))))
  return 0
}

/** As much as there is; what is not there yet is waited for, or is nothing. */
const readSome = (
  streams: Streams, self: number, length: bigint, ret: number, align: number, isWaiting: boolean,
  then: (bytes: Uint8Array) => void,
): Answer => {
  const { callee } = streams
  const { process } = callee
  const { budget, machine, task, waits } = process
  const stream = callee.resource(self, InputStream)
  const buffer = scratchOf(streams, length)
  const give = (rc: number): number => {
    if (rc < 0 || (rc === 0 && buffer.length > 0)) return failed(streams, ret, align, rc)
    budget.spendBytes(rc)
    then(buffer.subarray(0, rc))
    callee.put8(ret, 0)
    return 0
  }
  if (!isWaiting && !machine.as(task, () => pollableOf(streams, stream).isReady(process))) {
    then(NOTHING)
    callee.put8(ret, 0)
    return 0
  }
  return waits(() => stream.read(process, buffer), give)
}

/** All that `next` gives: the bytes from `done` on, empty at the end. */
const writeAll = (
  streams: Streams, self: number, next: (done: number) => Uint8Array, fail: (rc: number) => number,
  then: (total: number) => number,
): Answer => {
  const { process } = streams.callee
  const { budget, waits } = process
  const stream = streams.callee.resource(self, OutputStream)
  let done = 0
  const step = (): number => {
    for (let piece = next(done); piece.length > 0; piece = next(done)) {
      const rc = stream.write(process, piece)
      if (rc <= 0) return rc === 0 ? -EIO : rc
      done += rc
      budget.spendBytes(rc)
      process.looksAgain()
    }
    return 0
  }
  return waits(step, (rc) => (rc < 0 ? fail(rc) : then(done)))
}

const write = (streams: Streams, self: number, at: number, length: number, ret: number): Answer => {
  const { callee } = streams
  const total = length >>> 0
  callee.range(at, total)
  const next = (done: number): Uint8Array => callee.bytes(at + done, Math.min(total - done, PIECE))
  return writeAll(streams, self, next, (rc) => failed(streams, ret, 4, rc), () => {
    callee.put8(ret, 0)
    return 0
  })
}

const writeZeroes = (streams: Streams, self: number, length: bigint, ret: number): Answer => {
  const total = Number(BigInt.asUintN(64, length))
  const zeroes = (streams.zeroes ??= new Uint8Array(65536))
  const next = (done: number): Uint8Array => zeroes.subarray(0, Math.min(total - done, zeroes.length))
  return writeAll(streams, self, next, (rc) => failed(streams, ret, 4, rc), () => {
    streams.callee.put8(ret, 0)
    return 0
  })
}

const flush = (streams: Streams, self: number, ret: number): number => {
  const { callee } = streams
  callee.resource(self, OutputStream)
  callee.put8(ret, 0)
  return 0
}

const read = (isWaiting: boolean) => (streams: Streams, self: number, length: bigint, ret: number): Answer =>
  readSome(streams, self, length, ret, 4, isWaiting, (bytes) => streams.callee.putBytes(ret + 4, bytes))

const skip = (isWaiting: boolean) => (streams: Streams, self: number, length: bigint, ret: number): Answer =>
  readSome(streams, self, length, ret, 8, isWaiting, (bytes) => streams.callee.put64(ret + 8, bytes.length))

/** What has been read is written, or lost with the stream that takes it. */
const splice = (isWaiting: boolean) => (
  streams: Streams, self: number, source: number, length: bigint, ret: number,
): Answer => {
  let taken = NOTHING
  const got = readSome(streams, source, length, ret, 8, isWaiting, (bytes) => {
    taken = bytes.slice()
    streams.callee.put64(ret + 8, taken.length)
  })
  const put = (): Answer =>
    writeAll(streams, self, (done) => taken.subarray(done, done + PIECE), (rc) => failed(streams, ret, 8, rc), () => 0)
  return typeof got === 'number' ? put() : got.then(put)
}

const onStreams = {
  '[method]input-stream.read': read(false),
  '[method]input-stream.blocking-read': read(true),
  '[method]input-stream.skip': skip(false),
  '[method]input-stream.blocking-skip': skip(true),
  '[method]input-stream.subscribe': (streams: Streams, self: number) => subscribe(streams, self, InputStream),
  '[method]output-stream.check-write'(streams: Streams, self: number, ret: number) {
    const { callee } = streams
    callee.resource(self, OutputStream)
    callee.put8(ret, 0)
    callee.put64(ret + 8, CHUNK)
    return 0
  },
  '[method]output-stream.write': write,
  '[method]output-stream.blocking-write-and-flush': write,
  '[method]output-stream.flush': flush,
  '[method]output-stream.blocking-flush': flush,
  '[method]output-stream.write-zeroes': writeZeroes,
  '[method]output-stream.blocking-write-zeroes-and-flush': writeZeroes,
  '[method]output-stream.subscribe': (streams: Streams, self: number) => subscribe(streams, self, OutputStream),
  '[method]output-stream.splice': splice(false),
  '[method]output-stream.blocking-splice': splice(true),
}

export const streamFunctions = (callee: Callee) => bound(new Streams(callee), onStreams)

const NOTHING = new Uint8Array(0)

export const errorFunctions = (callee: Callee) => ({
  '[method]error.to-debug-string'(self: number, ret: number) {
    callee.putText(ret, wasiErrnoName(callee.resource(self, IoError).errno))
    return 0
  },
})
