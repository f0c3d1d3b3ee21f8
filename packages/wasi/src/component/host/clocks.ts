/** `wasi:clocks` and `wasi:random`. */
import type { Callee } from '../callee.ts'
import { Pollable } from './pollable.ts'

/** Nanoseconds; finer than most hosts' clocks really are. */
const RESOLUTION = 1000
const MS = 1e6

/** What a host's generator gives at most at a time. */
const CHUNK = 65536

export const monotonicFunctions = (callee: Callee) => {
  const { host } = callee.process
  const nanoseconds = (time: bigint): number => Number(BigInt.asUintN(64, time))
  return {
    now: () => BigInt(Math.floor(host.now() * MS)),
    resolution: () => BigInt(RESOLUTION),
    'subscribe-instant': (when: bigint) => callee.hand(Pollable.ofTime(nanoseconds(when) / MS)),
    'subscribe-duration': (length: bigint) => callee.hand(Pollable.ofTime(host.now() + nanoseconds(length) / MS)),
  }
}

export const wallClockFunctions = (callee: Callee) => {
  const putTime = (ret: number, seconds: number, nanoseconds: number): number => {
    callee.put64(ret, seconds)
    callee.put32(ret + 8, nanoseconds)
    return 0
  }
  return {
    now(ret: number) {
      const ms = callee.process.host.wallClock()
      const seconds = Math.floor(ms / 1000)
      return putTime(ret, seconds, Math.floor((ms - seconds * 1000) * MS))
    },
    resolution: (ret: number) => putTime(ret, 0, RESOLUTION),
  }
}

/** All generators are the kernel's own; `name` of the functions. */
const generator = (callee: Callee) => {
  const { process } = callee
  const word = (): bigint => {
    const bytes = process.random(8)
    return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true)
  }
  const bytes = (length: bigint, ret: number): number => {
    const size = Number(BigInt.asUintN(64, length))
    if (size > 0xffffffff) return callee.trap('more random bytes than a memory holds')
    const place = size === 0 ? 1 : callee.allocate(size, 1)
    for (let done = 0; done < size; done += CHUNK) {
      if (done > 0) process.looksAgain()
      callee.memory.bytes.set(process.random(Math.min(CHUNK, size - done)), place + done)
    }
    callee.put32(ret, place, size)
    return 0
  }
  return { word, bytes }
}

export const randomFunctions = (callee: Callee) => {
  const { word, bytes } = generator(callee)
  return { 'get-random-bytes': bytes, 'get-random-u64': word }
}
export const insecureFunctions = (callee: Callee) => {
  const { word, bytes } = generator(callee)
  return { 'get-insecure-random-bytes': bytes, 'get-insecure-random-u64': word }
}
export const seedFunctions = (callee: Callee) => {
  const { word } = generator(callee)
  return {
    'insecure-seed'(ret: number) {
      callee.put64(ret, word(), word())
      return 0
    },
  }
}
