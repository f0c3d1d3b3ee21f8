/** Fuzzers that fail at inputs that follow from the seed. */
import { appendFileSync } from 'node:fs'
import type { Fuzzer, FuzzerTable } from '../fuzzer.ts'
import { inputFuzzer, seedFuzzer } from '../input-fuzzer.ts'

const fails = (word: number): boolean => word % 10 === 3

/** Fails where the first number of an input says so, and on each file; `FUZZ_TEST_LOG` names a file for the numbers. */
const failing = (act: () => void): Fuzzer => ({
  run(session) {
    const log = process.env['FUZZ_TEST_LOG']
    while (session.more()) {
      const word = session.random.word()
      if (log !== undefined) appendFileSync(log, `${word}\n`)
      if (fails(word)) act()
    }
  },
  replay: act,
})

const kept: unknown[] = []
const entry = (fuzzer: Fuzzer) => ({ does: 'fails', load: async () => fuzzer })

export const fuzzers: FuzzerTable = {
  nothing: entry(failing(() => {})),
  throws: entry(failing(() => {
    throw new Error('thrown by the fuzzer')
  })),
  dies: entry(failing(() => process.kill(process.pid, 'SIGSEGV'))),
  hangs: entry(failing(() => {
    for (;;) kept.length = 0
  })),
  buffers: entry(failing(() => {
    for (let n = 0; n < 64; n++) kept.push(Buffer.alloc(16 << 20, 1))
  })),
  leaks: entry(inputFuzzer({
    make: () => '',
    attempt: () => void kept.push(Array.from({ length: 100_000 }, (_, n) => ({ n }))),
  })),
  allows: entry(inputFuzzer({
    make: (random) => String(random.word()),
    attempt(input, session) {
      session.step()
      const text = new TextDecoder().decode(input)
      if (fails(Number(text))) session.found('wrong-allow', input, `let ${text} in`)
    },
  })),
  seeds: entry(seedFuzzer((seed) => {
    if (fails(seed)) throw new Error(`seed ${seed}`)
  })),
  missing: { does: 'does not load', load: () => Promise.reject(new Error('is not there')) },
}
