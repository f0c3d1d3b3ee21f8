/**
 * The services of the machine around a program that do not come from the kernel: time to sleep, clocks to measure by.
 */
import { now } from './clock.ts'

export interface Host {
  /** Milliseconds from a fixed point, with fractions; never goes back. */
  readonly now: () => number
  /** Milliseconds since the epoch, with fractions. */
  readonly wallClock: () => number
  /** Waits that many milliseconds. */
  readonly sleep: (ms: number) => void
  /**
   * A call would have to wait for another task. Answers whether anything has run meanwhile, so that trying again makes
   * sense; false gives the program EAGAIN.
   */
  readonly wait: () => boolean
}

/** As the caller's; `wait` gets the most milliseconds it may take, for waits on the host itself. */
export type WaitingHost = Omit<Host, 'wait'> & { readonly wait: (most?: number) => boolean }

const cell = typeof SharedArrayBuffer === 'undefined' ? null : new Int32Array(new SharedArrayBuffer(4))

/** Sleeps without burning the processor; where a thread may not block (a browser's main one) it looks at the clock. */
const sleep = (ms: number): void => {
  if (cell !== null) {
    try {
      Atomics.wait(cell, 0, 0, ms)
      return
    } catch {
      // not allowed on this thread
    }
  }
  const end = now() + ms
  while (now() < end);
}

export const defaultHost: Host = {
  now,
  wallClock: () => performance.timeOrigin + performance.now(),
  sleep,
  wait: () => false,
}
