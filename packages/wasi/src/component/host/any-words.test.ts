/** Functions of WASI 0.2 with any words: each answers, or ends the component by a trap, whatever types it was given. */
import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { componentGuestOn } from '../../testing/component-guest.ts'
import { ending } from '../given.ts'
import { interfaces } from './table.ts'

/** A generator of its own, so that a failure can be repeated. */
const numbers = (seed: number) => (below: number): number =>
  (seed = (Math.imul(seed, 48271) >>> 0) % 2147483647) % below

const WORDS: readonly unknown[] =
  [0, 1, 2, 3, 4, 8, 64, 255, 4096, 65528, 65535, -1, 0x7fffffff, -0x80000000, 0n, 1n, -1n, 2n ** 63n - 1n, 1.5, NaN]

test.each(Object.keys(interfaces))('%s', async (from) => {
  const next = numbers(from.length * 7919)
  const kernel = bootForTest([capability()])
  kernel.machine.http = async () => ({
    status: 200, headers: [], body: { parts: new ReadableStream<Uint8Array>(), trailers: () => [] },
  })
  for (let round = 0; round < 4; round++) {
    const { callee, process, room } = componentGuestOn(kernel)
    process.maySuspend = true
    // some of everything, so that small numbers are handles
    const makers: readonly (readonly [from: string, name: string, ...words: readonly unknown[]])[] = [
      ['wasi:sockets/instance-network', 'instance-network'], ['wasi:http/types', '[constructor]fields'],
      ['wasi:sockets/tcp-create-socket', 'create-tcp-socket', 0, 64],
      ['wasi:sockets/udp-create-socket', 'create-udp-socket', 0, 64],
      ['wasi:http/types', '[constructor]request-options'], ['wasi:clocks/monotonic-clock', 'subscribe-duration', 0n],
      ['wasi:filesystem/preopens', 'get-directories', 64], ['wasi:cli/stdin', 'get-stdin'],
    ]
    for (const [of, name, ...words] of makers) interfaces[of]!(callee)[name]!(...words)
    room(64)
    for (const [name, call] of Object.entries(interfaces[from]!(callee))) {
      for (let i = 0; i < 60; i++) {
        process.ending = null
        const words = Array.from({ length: next(16) }, () => WORDS[next(WORDS.length)])
        try {
          const answer = ending(process, name, call)(...words) as unknown
          if (answer instanceof Promise) await answer
          else expect(['number', 'bigint', 'undefined']).toContain(typeof answer)
        } catch (error) {
          expect(process.ending, `${name}(${words.map(String).join(', ')}): ${String(error)}`).not.toBeNull()
        }
      }
    }
  }
})
