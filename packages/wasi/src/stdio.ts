/** The caller's sinks and sources as descriptors 0, 1 and 2. */
import { EAGAIN, EFBIG, EIO } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { installHostStream } from '@lsmkit/kernel/boot'
import type { HostStream } from '@lsmkit/kernel'
import type { Budget } from './budget.ts'
import { LookAhead } from './look-ahead.ts'
import type { Patience } from './patience.ts'
import type { WasiKernel } from './kernel.ts'
import type { Sink, Source, WasiOptions } from './options.ts'

/** Installs what the caller has given; the rest stays as the task has it. 0 or -errno. */
export const installStreams = (
  { machine }: WasiKernel, task: Task, options: WasiOptions, budget: Budget, patience: Patience,
): number => {
  const { stdin, stdout, stderr, tty = false } = options
  const streams: [number, HostStream][] = []
  if (stdin !== undefined) streams.push([0, { ...new LookAhead(reading(sourceOf(stdin), patience)).ends, tty }])
  if (stdout !== undefined) streams.push([1, { write: writing(stdout, budget, patience), tty }])
  if (stderr !== undefined) streams.push([2, { write: writing(stderr, budget, patience), tty }])
  for (const [fd, stream] of streams) {
    const rc = installHostStream(machine, task, fd, stream)
    if (rc < 0) return rc
  }
  return 0
}

const sourceOf = (stdin: Source | Uint8Array | string): Source => {
  if (typeof stdin === 'function') return stdin
  let rest = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin
  return (buffer) => {
    const part = rest.subarray(0, buffer.length)
    buffer.set(part)
    rest = rest.subarray(part.length)
    return part.length
  }
}

/** A caller's function that throws, or answers nonsense, is an I/O error to the program. */
const reading = (source: Source, patience: Patience) => (buffer: Uint8Array): number => {
  try {
    const count = source(buffer)
    if (count === null) {
      patience.isNeeded()
      return -EAGAIN
    }
    patience.isOver()
    return Number.isInteger(count) && count >= 0 && count <= buffer.length ? count : -EIO
  } catch {
    return -EIO
  }
}

const writing = (sink: Sink, budget: Budget, patience: Patience) => (bytes: Uint8Array): number => {
  const granted = budget.takeOutput(bytes.length)
  if (granted === 0) return -EFBIG
  try {
    if (sink(bytes.subarray(0, granted)) === null) {
      budget.giveBack(granted)
      patience.isNeeded()
      return -EAGAIN
    }
    patience.isOver()
    return granted
  } catch {
    return -EIO
  }
}
