/** Random typed programs: members of kernel objects, read in every form, are what their types' layout says. */
import { loadAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const loads = seedFuzzer((seed, session) => {
  const { fault } = loadAttempt(seed)
  if (fault !== null) session.found('wrong-answer', String(seed), fault)
})
