/** Streams of WASI 0.3 over open files, and the futures in which they end. */
import { EILSEQ, EIO, EPIPE } from '@lsmkit/abi'
import type { Process } from '../../process.ts'
import { ComponentStream } from '../async/streams.ts'
import type { Scheduler } from '../async/task.ts'
import { FileInput, FileOutput } from '../host/file-streams.ts'
import type { ComponentValue } from '../scalars.ts'
import type { ValueType } from '../value-types.ts'

/** The program, and the order of its tasks. */
export interface Host3 {
  readonly process: Process
  readonly scheduler: Scheduler
}

/** One call reads so much at most. */
const CHUNK = 2 ** 16

/** A `result` without a value; `error-code` of wasi:cli is io, illegal-byte-sequence or pipe. */
const resultOf = (rc: number): ComponentValue =>
  (rc >= 0 ? { ok: null } : { error: rc === -EPIPE ? 'pipe' : rc === -EILSEQ ? 'illegal-byte-sequence' : 'io' })

/** The bytes of a file, read when somebody reads them, and the future of its end. */
export const inputStream = (
  { process, scheduler }: Host3, fd: number, of: ValueType | null, end: ValueType | null,
): readonly [stream: ComponentStream, end: ComponentStream] => {
  const stream = new ComponentStream('stream', of, null)
  const future = new ComponentStream('future', end, null)
  const file = new FileInput({ fd }, null)
  const finish = (rc: number): void => {
    stream.drop()
    future.give([resultOf(rc)])
  }
  const read = (): void => {
    const { waiting } = stream
    if (waiting === null || !waiting.end.isReader) return
    const poll = file.poll(process)
    if (!process.machine.as(process.task, () => poll.isReady(process))) return scheduler.waitForHost(poll, read)
    const bytes = new Uint8Array(Math.min(CHUNK, Math.max(1, waiting.buffer.left)))
    const rc = file.read(process, bytes)
    if (rc <= 0) return finish(rc)
    process.budget.spendBytes(rc)
    stream.give(bytes.subarray(0, rc))
  }
  stream.onReader = read
  return [stream, future]
}

/** All that it writes, or -errno. It waits where there is no room. */
const writeAll = (process: Process, file: FileOutput, bytes: Uint8Array): number => {
  let done = 0
  let failure = 0
  void process.waits(() => {
    while (done < bytes.length) {
      const rc = file.write(process, bytes.subarray(done))
      if (rc <= 0) return rc === 0 ? -EIO : rc
      done += rc
      process.budget.spendBytes(rc)
      process.looksAgain()
    }
    return 0
  }, (rc) => (failure = rc))
  return failure
}

/** Writes what comes to a file. The future of its end. */
export const outputStream = (
  { process }: Host3, fd: number, data: ComponentStream, end: ValueType | null,
): ComponentStream => {
  const future = new ComponentStream('future', end, null)
  const file = new FileOutput({ fd }, null)
  let rc = 0
  data.drain((piece) => {
    if (piece === null) future.give([resultOf(rc)])
    else {
      rc = writeAll(process, file, piece instanceof Uint8Array ? piece : Uint8Array.from(piece as number[]))
      if (rc < 0) future.give([resultOf(rc)])
    }
    return rc >= 0
  })
  return future
}
