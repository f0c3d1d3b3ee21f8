/** Random programs that are not verified: the compiler and the interpreter come to the same. */
import { engineAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const engines = seedFuzzer((seed, session) => {
  const difference = engineAttempt(seed)
  if (difference !== null) session.found('wrong-answer', String(seed), difference)
})
