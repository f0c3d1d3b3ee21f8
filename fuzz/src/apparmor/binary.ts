/**
 * Policy binaries, sound and damaged: a load takes all or nothing, what was read is written back, both ways of matching
 * come to the same state, and every question has an answer.
 */
import { errnoName } from '@lsmkit/abi'
import { Matcher, matchLen } from '@lsmkit/apparmor/dfa'
import type { Dfa } from '@lsmkit/apparmor/dfa'
import { ApparmorError, readPolicy, writePolicy } from '@lsmkit/apparmor/policydb'
import type { PolicyBinary } from '@lsmkit/apparmor/policydb'
import { PolicyStore, profileLines, queryAccess } from '@lsmkit/apparmor/query'
import { damagedBytes } from '../frame/damage.ts'
import type { Session } from '../frame/fuzzer.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { aProfile } from './profiles.ts'

const make = (random: Random): Uint8Array => {
  const profiles = Array.from({ length: 1 + random.below(3) }, () => aProfile(random))
  const version = (random.oneIn(9) ? 0x800 : 0) | (5 + random.below(5))
  const bytes = writePolicy({ version, namespace: random.oneIn(6) ? 'ns' : null, profiles })
  return random.oneIn(3) ? bytes : damagedBytes(bytes, random)
}

const texts = [
  'label\0a\0\u0002/bin/x', 'label\0b\0\u000e\0\u0002\0\u0001', 'labelall\0a//&b\0\u0002/', 'data\0a\0key\0',
]
const queries = texts.map((text) => new TextEncoder().encode(text))

/** What everybody can see of a store. */
const seen = (store: PolicyStore): string => {
  const label = store.root.unconfined.label
  const answers = queries.flatMap((query) => [true, false].map((owner) => queryAccess(store, { label, owner }, query)))
  return [profileLines(store.root), ...answers.map(String)].join('|')
}

const read = (bytes: Uint8Array): PolicyBinary | null => {
  try {
    return readPolicy(bytes)
  } catch (error) {
    if (error instanceof ApparmorError && error.errno > 0) return null
    throw error
  }
}

const dfasOf = ({ profiles }: PolicyBinary): readonly Dfa[] =>
  profiles.flatMap(({ file, policydb, xmatch }) => [file, policydb, xmatch].flatMap((pdb) => pdb?.dfa ?? []))

const STRINGS = 20

/** The fast path and plain steps. */
const differs = (dfa: Dfa, random: Random): boolean => {
  const matcher = new Matcher(dfa)
  for (let i = 0; i < STRINGS; i++) {
    const bytes = Uint8Array.from({ length: random.below(30) }, () => random.below(random.oneIn(2) ? 256 : 9))
    const start = random.below(dfa.base.length)
    if (matcher.matchBytes(start, bytes) !== matchLen(dfa, start, bytes)) return true
  }
  return false
}

/** A policy that loads, to be there before. */
const old = ((): Uint8Array => {
  for (let seed = 1; ; seed++) {
    const bytes = writePolicy({ version: 7, namespace: null, profiles: [aProfile(new Random(seed))] })
    if (new PolicyStore().load(bytes, true) === 0) return bytes
  }
})()

const attempt = (bytes: Uint8Array, session: Session): void => {
  const store = new PolicyStore()
  store.load(old, true)
  const before = seen(store)
  const rc = store.load(bytes, true)
  if (rc !== 0 && (!/^E[A-Z]+$/.test(errnoName(rc)) || seen(store) !== before)) {
    session.found('wrong-answer', bytes, `a load that failed with ${errnoName(rc)} has changed something`)
  }
  seen(store)
  const policy = read(bytes)
  if (policy === null) {
    if (rc === 0) session.found('wrong-allow', bytes, 'what cannot be read was loaded')
    return
  }
  const written = writePolicy(policy)
  if (read(written) === null) session.found('wrong-answer', bytes, 'what was read and written is refused')
  const random = new Random(bytes.length)
  if (dfasOf(policy).some((dfa) => differs(dfa, random))) session.found('wrong-answer', bytes, 'the fast path differs')
}

export const apparmorBinary = inputFuzzer({ make, attempt })
