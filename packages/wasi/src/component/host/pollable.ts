/** `wasi:io/poll`: what a component waits for: a stream, a socket, a time. */
import { anyOf, pollQueue, vfs_poll } from '@lsmkit/kernel/boot'
import type { WaitQueue } from '@lsmkit/kernel'
import type { File } from '@lsmkit/core'
import type { Process } from '../../process.ts'
import { isReadable, isWritable } from '../../readiness.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { Resource } from '../handles.ts'

/** As many as poll_oneoff takes. */
const MOST = 4096

/** The thing behind a pollable, which can become ready. */
export interface Awaited {
  /** As the task: hooks may be asked. */
  isReady(process: Process): boolean
  /** The queues that wake a task waiting for it. */
  queues(): readonly WaitQueue[]
}

export class Pollable extends Resource {
  readonly #awaited: Awaited
  /** When it is ready by itself, in milliseconds of the host's clock. */
  readonly due: number

  constructor(awaited: Awaited, due = Infinity) {
    super()
    this.#awaited = awaited
    this.due = due
  }

  /** A closed file is ready. */
  static ofFile(file: () => File | null, forWriting: boolean): Pollable {
    return new Pollable({
      isReady: () => isFileReady(file(), forWriting), queues: () => fileQueues(file()),
    })
  }

  static ofTime(due: number): Pollable {
    return new Pollable({ isReady: ({ host }) => due <= host.now(), queues: () => [] }, due)
  }

  isReady(process: Process): boolean {
    return this.#awaited.isReady(process)
  }

  get queues(): readonly WaitQueue[] {
    return this.#awaited.queues()
  }
}

export const isFileReady = (file: File | null, forWriting: boolean): boolean => {
  if (file === null) return true
  const bits = vfs_poll(file)
  return forWriting ? isWritable(bits) : isReadable(bits)
}

export const fileQueues = (file: File | null): readonly WaitQueue[] => {
  const queue = file === null ? null : pollQueue(file)
  return queue === null ? [] : [queue]
}

export const pollFunctions = (callee: Callee) => {
  const { process } = callee
  const { machine, task, host } = process

  /** Until one of them is ready; `then` is told of each whether it is. */
  const waitFor = (list: readonly Pollable[], then: (ready: readonly boolean[]) => number): Answer => {
    let ready: boolean[] = []
    const due = Math.min(...list.map((one) => one.due))
    return process.waits(() => machine.as(task, () => {
      ready = list.map((one) => one.isReady(process))
      if (ready.includes(true)) return 0
      return machine.sleep(anyOf(list.flatMap(({ queues }) => queues)))
    }), () => then(ready), () => due - host.now())
  }

  return {
    '[method]pollable.ready': (self: number) =>
      Number(machine.as(task, () => callee.resource(self, Pollable).isReady(process))),
    '[method]pollable.block': (self: number): Answer => waitFor([callee.resource(self, Pollable)], () => 0),
    /** None is ready where nothing could ever make one so. */
    poll(list: number, count: number, ret: number): Answer {
      if (count === 0 || count >>> 0 > MOST) return callee.trap(`a poll of ${count >>> 0}`)
      const at = callee.range(list, count * 4)
      const pollables = Array.from({ length: count }, (_, i) =>
        callee.resource(callee.memory.view.getUint32(at + i * 4, true), Pollable))
      return waitFor(pollables, (ready) => {
        const indices = ready.flatMap((isReady, i) => (isReady ? [i] : []))
        const place = callee.allocate(indices.length * 4, 4)
        callee.put32(place, ...indices)
        callee.put32(ret, place, indices.length)
        return 0
      })
    },
  }
}
