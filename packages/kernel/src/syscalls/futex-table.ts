/** The sleepers on words of memory: who waits on which word, and who is woken next (kernel/futex/core.c). */
import { EINVAL, FUTEX_BITSET_MATCH_ANY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'
import type { FutexWord } from './futex-op.ts'

/** One task asleep, on one word or several. */
export interface Sleep {
  readonly queue: WaitQueue
  /** The words it went to sleep on. By them the next try of the same call is recognised. */
  readonly words: readonly FutexWord[]
  /** Index of the word that woke it; -1: it has not been woken. */
  woken: number
}

/** The place of a sleep in the line of one word. */
interface Place {
  readonly sleep: Sleep
  readonly index: number
  readonly mask: number
}

export class FutexTable {
  /** The sleepers of a word, first come first served. */
  readonly lines = new WeakMap<FutexWord, Place[]>()
  readonly asleep = new WeakMap<Task, Sleep>()
  /** The words that a sleep has a place at; a requeue changes them. */
  readonly placesOf = new WeakMap<Sleep, Set<FutexWord>>()

  constructor(machine: Machine) {
    machine.onExit.push((task) => this.#exit(task))
  }

  /** A task that ends gives up its place and, as `mm_release`, wakes those that wait for CLONE_CHILD_CLEARTID. */
  #exit(task: Task): void {
    const sleep = this.asleep.get(task)
    if (sleep !== undefined) this.leave(sleep)
    const word = threadOf(task).clear_child_tid
    if (word !== null) this.wake(word, 1, FUTEX_BITSET_MATCH_ANY)
  }

  #lineOf(word: FutexWord): Place[] {
    let line = this.lines.get(word)
    if (line === undefined) this.lines.set(word, (line = []))
    return line
  }

  /** Puts a sleep at the end of the line of each of its words. */
  enter(task: Task, sleep: Sleep, mask: number): void {
    sleep.words.forEach((word, index) => this.#lineOf(word).push({ sleep, index, mask }))
    this.placesOf.set(sleep, new Set(sleep.words))
    this.asleep.set(task, sleep)
  }

  leave(sleep: Sleep): void {
    for (const word of this.placesOf.get(sleep) ?? [])
      this.lines.set(word, this.#lineOf(word).filter((place) => place.sleep !== sleep))
    this.placesOf.delete(sleep)
  }

  /** Wakes at most `max` sleepers whose mask has a bit of `mask`; the answer is how many. */
  wake(word: FutexWord, max: number, mask: number): number {
    const woken = this.#lineOf(word).filter((place) => (place.mask & mask) !== 0).slice(0, Math.max(max, 1))
    for (const { sleep, index } of woken) {
      this.leave(sleep)
      sleep.woken = index
      sleep.queue.wake()
    }
    return woken.length
  }

  /** Wakes `nrWake` sleepers of a word and moves `nrRequeue` others to another; how many both are, or -EINVAL. */
  requeue(from: FutexWord, to: FutexWord, nrWake: number, nrRequeue: number): number {
    if (nrWake < 0 || nrRequeue < 0) return -EINVAL
    const woken = nrWake === 0 ? 0 : this.wake(from, nrWake, FUTEX_BITSET_MATCH_ANY)
    const moved = this.#lineOf(from).splice(0, nrRequeue)
    for (const place of moved) {
      this.#lineOf(to).push(place)
      const places = this.placesOf.get(place.sleep)
      places?.delete(from)
      places?.add(to)
    }
    return woken + moved.length
  }
}
