/** `wasi:io/poll`: what a component waits for, a stream or a time. */
import { ERESTARTSYS } from '@lsmkit/abi'
import { anyOf, pollQueue, vfs_poll } from '@lsmkit/kernel'
import type { File } from '@lsmkit/core'
import type { Process } from '../../process.ts'
import { isReadable, isWritable } from '../../readiness.ts'
import type { Answer } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { Resource } from '../handles.ts'

/** As many as poll_oneoff takes. */
const MOST = 4096

export class Pollable extends Resource {
  /** Null for a time. A closed file is ready. */
  readonly #file: (() => File | null) | null
  readonly #forWriting: boolean
  /** When it is ready, in milliseconds of the host's clock. */
  readonly due: number

  constructor(file: (() => File | null) | null, forWriting: boolean, due: number) {
    super()
    this.#file = file
    this.#forWriting = forWriting
    this.due = due
  }

  static ofFile(file: () => File | null, forWriting: boolean): Pollable {
    return new Pollable(file, forWriting, Infinity)
  }

  static ofTime(due: number): Pollable {
    return new Pollable(null, false, due)
  }

  /** As the task: hooks may be asked. */
  isReady({ host }: Process): boolean {
    if (this.#file === null) return this.due <= host.now()
    const file = this.#file()
    if (file === null) return true
    const bits = vfs_poll(file)
    return this.#forWriting ? isWritable(bits) : isReadable(bits)
  }

  /** The queues that wake a task waiting for it. */
  get queues() {
    const file = this.#file?.() ?? null
    return file === null ? [] : pollQueue(file) ?? []
  }
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
      machine.sleepOn = anyOf(list.flatMap(({ queues }) => queues))
      return -ERESTARTSYS
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
