/** Random typed loads of kernel objects: both engines come to what a plain reading of the layout says. */
import { LOAD_PROGRAMS, loadAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const loads = seedFuzzer((seed, session) => {
  for (const { difference } of loadAttempt(seed)) {
    if (difference !== null) session.found('wrong-answer', String(seed), difference)
  }
  // each program counts
  session.step(LOAD_PROGRAMS - 1)
})
