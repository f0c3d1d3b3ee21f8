/** Random programs that are not verified: the compiler and the interpreter come to the same. */
import { ENGINE_PROGRAMS, engineAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const engines = seedFuzzer((seed, session) => {
  for (const difference of engineAttempt(seed)) session.found('wrong-answer', String(seed), difference)
  // each program counts
  session.step(ENGINE_PROGRAMS - 1)
})
