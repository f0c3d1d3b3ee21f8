/** `wasi:io/streams` and `wasi:io/error`: reading and writing in order. */
import { EIO, EPIPE, wasiErrno, wasiErrnoName } from '@lsmkit/abi'
import { bound } from '@lsmkit/kernel/boot'
import type { Process } from '../../process.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { Resource } from '../handles.ts'
import type { Pollable } from './pollable.ts'

/** What one call reads at most, and what a writer is told that there is room for. */
const CHUNK = 2 ** 20
/** What one system call writes at most, so that the clock is looked at in between. */
const PIECE = 2 ** 24

/** Why a stream has failed. */
export class IoError extends Resource {
  /** -errno. */
  readonly rc: number

  constructor(rc: number) {
    super()
    this.rc = rc
  }

  /** Of preview 1. */
  get errno(): number {
    return wasiErrno(this.rc)
  }
}

export abstract class InputStream extends Resource {
  /** How many bytes, or -errno. */
  abstract read(process: Process, buffer: Uint8Array): number

  /** Until it can be read. */
  abstract poll(process: Process): Pollable

  /** Why a read has failed with this -errno. */
  errorOf(rc: number): IoError {
    return new IoError(rc)
  }
}

export abstract class OutputStream extends Resource {
  /** How many bytes of these, or -errno. */
  abstract write(process: Process, bytes: Uint8Array): number

  /** Until it can be written. */
  abstract poll(process: Process): Pollable

  /** Why a write has failed with this -errno. */
  errorOf(rc: number): IoError {
    return new IoError(rc)
  }

  /** How many bytes a writer may give without waiting. */
  room(_process: Process): number {
    return CHUNK
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

const subscribe = (
  { callee }: Streams, self: number, type: typeof InputStream | typeof OutputStream,
): number => callee.hand(callee.resource<InputStream | OutputStream>(self, type).poll(callee.process))

/** A `stream-error`: that the other end is closed, or what has gone wrong. */
const failed = (
  { callee }: Streams, ret: number, align: number, rc: number, of: InputStream | OutputStream,
): number => {
  callee.put8(ret, 1)
  callee.put8(ret + align, rc === 0 || rc === -EPIPE ? 1 : 0)
  if (rc < 0 && rc !== -EPIPE) callee.put32(ret + align + 4, callee.hand(of.errorOf(rc)))
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
    if (rc < 0 || (rc === 0 && buffer.length > 0)) return failed(streams, ret, align, rc, stream)
    budget.spendBytes(rc)
    then(buffer.subarray(0, rc))
    callee.put8(ret, 0)
    return 0
  }
  if (!isWaiting && !machine.as(task, () => stream.poll(process).isReady(process))) {
    then(NOTHING)
    callee.put8(ret, 0)
    return 0
  }
  return waits(() => stream.read(process, buffer), give)
}

/** All that `next` gives: the bytes from `done` on, empty at the end. */
const writeAll = (
  streams: Streams, self: number, next: (done: number) => Uint8Array, fail: (rc: number, of: OutputStream) => number,
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
  return waits(step, (rc) => (rc < 0 ? fail(rc, stream) : then(done)))
}

const write = (streams: Streams, self: number, at: number, length: number, ret: number): Answer => {
  const { callee } = streams
  const total = length >>> 0
  callee.range(at, total)
  const next = (done: number): Uint8Array => callee.bytes(at + done, Math.min(total - done, PIECE))
  return writeAll(streams, self, next, (rc, of) => failed(streams, ret, 4, rc, of), () => {
    callee.put8(ret, 0)
    return 0
  })
}

const writeZeroes = (streams: Streams, self: number, length: bigint, ret: number): Answer => {
  const total = Number(BigInt.asUintN(64, length))
  const zeroes = (streams.zeroes ??= new Uint8Array(65536))
  const next = (done: number): Uint8Array => zeroes.subarray(0, Math.min(total - done, zeroes.length))
  return writeAll(streams, self, next, (rc, of) => failed(streams, ret, 4, rc, of), () => {
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
    writeAll(streams, self, (done) => taken.subarray(done, done + PIECE),
      (rc, of) => failed(streams, ret, 8, rc, of), () => 0)
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
    const room = callee.resource(self, OutputStream).room(callee.process)
    callee.put8(ret, 0)
    callee.put64(ret + 8, room)
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
