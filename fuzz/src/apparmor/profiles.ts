/** Random profiles: automata that are sound, permissions of either form, every part that a binary may have. */
import {
  DFA_DIFF_ENCODE, DFA_OOB_TRANSITIONS, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION,
} from '@lsmkit/apparmor/dfa'
import type { Dfa } from '@lsmkit/apparmor/dfa'
import { emptyPdb, permFields, profileModes } from '@lsmkit/apparmor/policydb'
import type { Pdb, PermEntry, Profile } from '@lsmkit/apparmor/policydb'
import type { Random } from '../frame/random.ts'

const NAMES = ['a', 'b', 'a//kid', 'a//kid//deep', '/bin/é', ':ns:c', ':ns://c', 'unconfined', 'b b', 'x//y//z']
const TARGETS = ['a', ':ns:b', ':ns:', '&a', 'a//kid', '']
const WORDS = [0, 1, 2, 4, 0x7f, 0x80000000, 0x40000000, 0x1fc000, 0xffffffff, 0x100000, 3 << 10, 1 << 10]

/** Transitions overlap as those of the kernel's parser do; what differs leads down, so that no chain goes round. */
const aDfa = (random: Random, words: number): Dfa => {
  const states = 2 + random.below(12)
  const size = 600
  const base = Uint32Array.from({ length: states }, (_, state) => {
    const flags = (state > 1 && random.oneIn(4) ? STATE_DIFF_ENCODE : 0) | (random.oneIn(5) ? STATE_OOB_TRANSITION : 0)
    return (1 + random.below(300)) | flags
  })
  const fill = (): Uint16Array => Uint16Array.from({ length: size }, () => random.below(states))
  const accept = (): Uint32Array => Uint32Array.from({ length: states }, () => random.below(words))
  return {
    flags: DFA_DIFF_ENCODE | DFA_OOB_TRANSITIONS,
    accept: accept(),
    accept2: accept(),
    base,
    check: fill(),
    next: fill(),
    def: Uint16Array.from({ length: states }, (_, state) => (state === 0 ? 0 : random.below(state))),
    equivalence: random.oneIn(2) ? null : Uint8Array.from({ length: 256 }, () => random.below(9)),
  }
}

const anEntry = (random: Random): PermEntry =>
  Object.fromEntries(permFields.map((field) => [field, random.oneIn(5) ? random.pick(WORDS) >>> 0 : 0])) as never

const aPdb = (random: Random): Pdb => {
  const start = random.oneIn(2) ? null : random.below(2)
  const transitions = random.oneIn(2) ? null : Array.from({ length: random.below(4) }, () => random.pick(TARGETS))
  if (random.oneIn(2)) {
    const dfa = aDfa(random, 4)
    const words = (): Uint32Array => Uint32Array.from({ length: dfa.base.length }, () => random.pick(WORDS))
    return { perms: null, dfa: { ...dfa, accept: words(), accept2: words() }, start, dfaStart: start, transitions }
  }
  const perms = Array.from({ length: 5 }, () => anEntry(random))
  return { perms, dfa: { ...aDfa(random, 4), accept2: null }, start, dfaStart: start, transitions }
}

export const aProfile = (random: Random): Profile => ({
  name: random.pick(NAMES),
  namespace: null,
  rename: random.oneIn(9) ? random.pick(NAMES) : null,
  attach: random.oneIn(3) ? '/bin/*' : null,
  xmatch: random.oneIn(3) ? aPdb(random) : emptyPdb,
  xmatchLength: random.below(20),
  disconnected: random.oneIn(5) ? '/gone' : null,
  flags: { hat: random.oneIn(3), debug1: false, debug2: random.oneIn(9) },
  mode: random.pick(profileModes),
  auditAll: random.oneIn(4),
  pathFlags: random.oneIn(2) ? null : random.below(0x40000),
  caps: { allow: BigInt(random.word() >>> 0), audit: 1n, quiet: 1n << 40n, dropped: 0n, extended: null },
  xattrs: random.oneIn(5) ? ['user.a', 'security.b'] : null,
  rlimits: random.oneIn(5) ? { mask: random.below(65536), limits: [1n, 2n] } : null,
  secmark: random.oneIn(9) ? [{ audit: 1, deny: 0, label: '*' }] : null,
  policydb: random.oneIn(2) ? aPdb(random) : null,
  file: random.oneIn(4) ? emptyPdb : aPdb(random),
  data: random.oneIn(5) ? new Map([['key', Uint8Array.of(1)]]) : null,
})
