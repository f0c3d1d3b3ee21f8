/** Damaged object files: each is refused with a typed error, or is one that the rest can rely on. */
import { readFileSync } from 'node:fs'
import { ownObjectAttempt } from '@lsmkit/bpf/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'

const folder = new URL('../../../packages/bpf/objects/', import.meta.url)
const attempt = ownObjectAttempt(['detector', 'deflector', 'everything']
  .map((name) => new Uint8Array(readFileSync(new URL(`${name}.o`, folder)))))

export const objects = seedFuzzer((seed, session) => {
  const { fault } = attempt(seed)
  if (fault !== null) session.found('wrong-answer', String(seed), fault)
})
