/**
 * Calls that programs defer: timers and work queues in values of maps. They run when the host's clock says so, one
 * after the other, never beside a program; they go with the value that they lie in.
 */
import { CLOCK_REALTIME, EBUSY, EDEADLK, EINVAL } from '@lsmkit/abi'
import type { BpfMap } from '../../maps/bpf-map.ts'
import type { MapSpace } from '../../maps/map-space.ts'
import type { Machine } from '../../vm/machine.ts'
import type { ProgramHost } from './program-host.ts'

/** A `struct bpf_timer` or `struct bpf_wq` that was made ready. */
interface Async {
  readonly map: BpfMap
  /** The value that it lies in, and its key; 0 for arrays, whose index is written when it is called. */
  readonly value: number
  readonly key: number
  readonly clock: number
  /** A function's address, 0 until it is set. */
  callback: number
  /** Stops what is to come, null when nothing is. */
  stop: (() => void) | null
  /** Nanoseconds since boot, of the call that is to come. */
  due: number
}

/** A timer or a work queue that was made ready, for people. */
export interface AsyncState {
  /** Address of the value that it lies in, and of the value's key; 0 for arrays. */
  readonly value: number
  readonly key: number
  /** A function's address, 0 until it is set. */
  readonly callback: number
  /** Nanoseconds since boot; null when no call is to come. */
  readonly due: number | null
}

/** What `tick` is to run, for a host that calls nobody later. */
interface Due {
  readonly at: number
  readonly run: () => void
}

const SIZE = 16

export class AsyncCalls {
  readonly #machine: Machine
  readonly #maps: MapSpace
  readonly #host: ProgramHost
  /** By the address of the struct. */
  readonly #asyncs = new Map<number, Async>()
  /** In the order of time, then of asking. */
  readonly #due: Due[] = []
  /** Its callback runs. */
  #running: Async | null = null
  /** Where the index of an array's element is shown. */
  #index = 0

  constructor(machine: Machine, maps: MapSpace, host: ProgramHost) {
    this.#machine = machine
    this.#maps = maps
    this.#host = host
  }

  /** Nanoseconds since boot. */
  now(): number {
    return this.#host.now?.() ?? performance.now() * 1e6
  }

  /** When the next call is due, for a host without `later`; null when none is. */
  get next(): number | null {
    return this.#due[0]?.at ?? null
  }

  /** Runs everything that is due by then, including work started anew for a time that has come. */
  tick(now = this.now()): void {
    for (let due = this.#due[0]; due !== undefined && due.at <= now; due = this.#due[0]) {
      this.#due.shift()
      due.run()
    }
  }

  /** Makes the struct at an address of a map's value ready. `clock`: CLOCK_*, which absolute times are of. */
  init(at: number, mapAddress: number, clock: number): number {
    const map = this.#maps.at(mapAddress)
    if (this.#asyncs.has(at)) return -EBUSY
    if (this.#index === 0) this.#index = this.#machine.memory.alloc(8, 8, 'read-only')
    const element = map?.elementAt(at, SIZE) ?? null
    if (map === null || element === null) return -EINVAL
    this.#asyncs.set(at, { map, value: element.value, key: element.key, clock, callback: 0, stop: null, due: 0 })
    return 0
  }

  /** Those in values of a map. */
  of(map: BpfMap): AsyncState[] {
    return [...this.#asyncs.values()].filter((async) => async.map === map).map(({ value, key, callback, stop, due }) =>
      ({ value, key, callback, due: stop === null ? null : due }))
  }

  setCallback(at: number, callback: number): number {
    const async = this.#asyncs.get(at)
    if (async === undefined) return -EINVAL
    async.callback = callback
    return 0
  }

  /** Puts off what was to come. `absolute`: a time of its clock, which may have passed. */
  startTimer(at: number, nanoseconds: number, absolute: boolean): number {
    const async = this.#asyncs.get(at)
    if (async === undefined || async.callback === 0) return -EINVAL
    async.stop?.()
    const passed = !absolute ? 0 : async.clock === CLOCK_REALTIME ? Date.now() * 1e6 : this.now()
    this.#start(async, Math.max(0, nanoseconds - passed))
    return 0
  }

  /** Work that is to come already comes once. */
  startWork(at: number): number {
    const async = this.#asyncs.get(at)
    if (async === undefined || async.callback === 0) return -EINVAL
    if (async.stop === null) this.#start(async, 0)
    return 0
  }

  /** 1 when it was to come, 0 when not. It must have its callback set anew. */
  cancel(at: number): number {
    const async = this.#asyncs.get(at)
    if (async === undefined) return -EINVAL
    if (async === this.#running) return -EDEADLK
    const wasActive = async.stop !== null
    async.stop?.()
    async.stop = null
    async.callback = 0
    return wasActive ? 1 : 0
  }

  /** A value is overwritten or goes. */
  release(map: BpfMap, value: number): void {
    for (const [at, async] of this.#asyncs) if (async.map === map && async.value === value) this.#drop(at, async)
  }

  /** A map goes. */
  releaseAll(map: BpfMap): void {
    for (const [at, async] of this.#asyncs) if (async.map === map) this.#drop(at, async)
  }

  #drop(at: number, async: Async): void {
    async.stop?.()
    async.stop = null
    async.callback = 0
    this.#asyncs.delete(at)
  }

  #start(async: Async, nanoseconds: number): void {
    async.due = this.now() + nanoseconds
    async.stop = this.#later(nanoseconds, () => {
      async.stop = null
      this.#call(async)
    })
  }

  #later(nanoseconds: number, run: () => void): () => void {
    const stop = this.#host.later?.(nanoseconds, run) ?? null
    if (stop !== null) return stop
    const due: Due = { at: this.now() + nanoseconds, run }
    const after = this.#due.findIndex(({ at }) => at > due.at)
    this.#due.splice(after < 0 ? this.#due.length : after, 0, due)
    return () => {
      const index = this.#due.indexOf(due)
      if (index >= 0) this.#due.splice(index, 1)
    }
  }

  /**
   * As a run of its own: a budget, frames from the top. The reason for a stop is reported; it never reaches the caller
   * that made time pass.
   */
  #call(async: Async): void {
    const { map, value, key, callback } = async
    if (callback === 0) return
    const machine = this.#machine
    const { stack, fuel, tails, objects } = machine
    const { top } = objects
    if (key === 0) map.writeIndex(value, this.#index)
    machine.fuel = machine.budget
    machine.tails = 0
    this.#running = async
    try {
      machine.callback(callback, map.address, key === 0 ? this.#index : key, value)
    } catch (error) {
      this.#host.fault?.(error)
    } finally {
      machine.stack = stack
      machine.fuel = fuel
      machine.tails = tails
      objects.release(top, true)
      this.#running = null
    }
  }
}
