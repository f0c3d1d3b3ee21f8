/**
 * Random and damaged programs: what is accepted runs to its end, on both engines alike; nobody may what root may not.
 */
import { programAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const programs = seedFuzzer((seed, session) => {
  const { wrongAllow, fault } = programAttempt(seed)
  if (wrongAllow !== null) session.found('wrong-allow', String(seed), wrongAllow)
  if (fault !== null) session.found('wrong-answer', String(seed), fault)
})
