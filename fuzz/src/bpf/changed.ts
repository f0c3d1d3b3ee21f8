/** Programs that were changed after they were verified: a machine stops them where they go wrong. */
import { changedAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

export const changed = seedFuzzer(changedAttempt)
