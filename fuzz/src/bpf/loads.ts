/** Random typed loads of kernel objects: both engines come to what a plain reading of the layout says. */
import { loadAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const loads = seedFuzzer((seed, session) => {
  const { difference } = loadAttempt(seed)
  if (difference !== null) session.found('wrong-answer', String(seed), difference)
})
