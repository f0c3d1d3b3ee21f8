/**
 * Damaged policies, contexts and file contexts: each is refused with a typed error, or is one that every question can
 * be asked of. After a policy that was refused, the old one must decide as before.
 */
import { PolicyError } from '../../policydb/errors.ts'
import { readPolicy } from '../../policydb/reader.ts'
import { writePolicy } from '../../policydb/writer.ts'
import { AvDecision, XpermDecision } from '../../server/decision.ts'
import { FileContextsError } from '../../server/file-contexts/errors.ts'
import { FileContexts } from '../../server/file-contexts/file-contexts.ts'
import { SecurityServer } from '../../server/security-server.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import { Random } from './random.ts'

export interface FuzzTally {
  /** Inputs that were taken, and those that were refused. */
  taken: number
  refused: number
}

export interface Finding {
  /** A run from this seed on shows the finding again. */
  readonly seed: number
  readonly message: string
}

/** One damaged input: true if it was taken, false if it was refused as it should be; anything else is a finding. */
export type Attempt = (random: Random) => boolean

/** Processor time, which other work on the machine does not lengthen. */
const SLOW_MS = 2000
const processorMs = (): number => process.cpuUsage().user / 1000

/** `runs` inputs, each with a seed of its own. */
export const fuzz = (
  attempt: Attempt, seed: number, runs: number, onFinding: (finding: Finding) => void,
): FuzzTally => {
  const tally: FuzzTally = { taken: 0, refused: 0 }
  for (let run = 0; run < runs; run++) {
    const own = (seed + run) >>> 0
    const begun = processorMs()
    try {
      if (attempt(new Random(own))) tally.taken++
      else tally.refused++
    } catch (error) {
      onFinding({ seed: own, message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
    if (processorMs() - begun > SLOW_MS) onFinding({ seed: own, message: 'took more than two seconds' })
  }
  return tally
}

/** Answers of a server to a fixed set of questions, as one text. */
const answers = (server: SecurityServer, sids: readonly number[]): string => {
  const av = new AvDecision()
  const parts: (string | number)[] = [server.seqno]
  for (const ssid of sids) {
    parts.push(server.sidToContext(ssid))
    for (const tsid of sids) {
      for (const tclass of [1, 2, 3, 4, 5]) {
        server.computeAvUser(ssid, tsid, tclass, av)
        parts.push(av.allowed, av.auditallow, av.auditdeny, server.transitionSidUser(ssid, tsid, tclass))
      }
    }
  }
  return parts.join(' ')
}

/** Asks everything that could trip over what a policy says; answers are as they may be. */
const exercise = (server: SecurityServer, random: Random): void => {
  const av = new AvDecision()
  const xperms = new XpermDecision()
  const sids = Array.from({ length: 27 }, (_, i) => i + 1)
  for (let n = 0; n < 40; n++) {
    const [ssid, tsid, tclass] = [random.of(sids), random.of(sids), random.below(12)]
    server.computeAvUser(ssid, tsid, tclass, av)
    server.computeXperms(ssid, tsid, tclass, random.below(256), 1 + random.below(2), xperms)
    for (const sid of [
      server.transitionSidUser(ssid, tsid, tclass, random.of(['secret.txt', 'x'])),
      server.memberSid(ssid, tsid, tclass),
      server.changeSid(ssid, tsid, tclass),
    ]) {
      if (sid > 0) server.sidToContext(sid)
    }
    server.validateTransitionUser(ssid, tsid, random.of(sids), tclass)
    server.boundedTransition(ssid, tsid)
  }
  server.portSid(6, random.below(65536))
  server.netifSid('eth0')
  server.nodeSid(2, Uint8Array.of(10, 1, random.below(256), 1))
  server.nodeSid(10, new Uint8Array(16))
  server.ibPkeySid(new Uint8Array(8), 0x10)
  server.ibEndportSid('mlx4_0', 1)
  for (const fstype of ['ext4', 'proc', 'tmpfs']) server.fsUse(fstype)
  server.genfsSid('proc', '/sys/kernel', 3)
  server.userSids(1, 'joe')
  for (const { name, value } of server.booleans()) server.setBooleans({ [name]: !value })
  const image = server.policyImage() as Uint8Array
  if (Buffer.compare(writePolicy(readPolicy(image)), image) !== 0) throw new Error('is written otherwise than it was')
}

/** Damages a policy; another one is in force meanwhile. */
export const policyAttempt = (policy: Uint8Array, contexts: readonly string[]): Attempt => {
  const server = new SecurityServer()
  server.load(policy)
  const sids = contexts.map((text) => server.contextToSid(text))
  const before = answers(server, sids)
  return (random) => {
    const damaged = mutateBytes(policy, random)
    const other = new SecurityServer(
      { mode: random.of(['kernel', 'libsepol']), enforcing: () => random.below(2) === 0 },
    )
    try {
      other.load(damaged)
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      let refused = false
      try {
        // A policy without a class the kernel needs is one that libsepol takes.
        server.load(damaged)
      } catch (again) {
        if (!(again instanceof PolicyError)) throw again
        refused = true
      }
      if (refused && answers(
        server, sids,
      ) !== before) throw new Error('the old policy decides otherwise', { cause: error })
      if (error.offset > damaged.length) throw new Error(`an offset behind the end: ${error.offset}`, { cause: error })
      return false
    }
    exercise(other, random)
    return true
  }
}

const contextPieces = [
  ':', '-', ',', '.', 's0', 's1', 's2', 'c0', 'c5', 'c0.c5', '', ' ', '\0', 'é', 'object_r', 'domain', 'user_t', '::',
  'c'.repeat(300),
]

/** Damages contexts; what is taken must have a canonical text that is the same SID. */
export const contextAttempt = (policy: Uint8Array, contexts: readonly string[]): Attempt => {
  let server = new SecurityServer()
  let asked = 0
  return (random) => {
    // SIDs are never given back, as in the kernel: a fresh server now and then.
    if (asked++ % 50_000 === 0) {
      server = new SecurityServer()
      server.load(policy)
    }
    const text = mutateText(random.of(contexts), contextPieces, random)
    const sid = server.contextToSid(text, random.below(4) === 0 ? 1 : 0)
    if (sid <= 0) return false
    const canonical = server.sidToContext(sid)
    if (typeof canonical !== 'string' || server.contextToSid(canonical) !== sid) throw new Error(
      `\`${text}\`: ${canonical}`,
    )
    return true
  }
}

const linePieces = [
  '(', ')', '[', ']', '*', '?', '\\', '|', '.', '+', '{', '}', '^', '$', '/', '--', '-d', '-x', '<<none>>', '\n', ' ',
  '\t', '#', '[[:digit:]]', 'é',
]

/** Damages file contexts; those taken must answer for every path. */
export const fileContextsAttempt = (text: string): Attempt => (random) => {
  const damaged = mutateText(text, linePieces, random)
  try {
    const contexts = new FileContexts({ base: damaged, subsDist: '/alias /etc\n' })
    for (const path of ['/', '/etc/passwd', '/usr/lib/x.so.1', '/alias/a', '/home/joe/.ssh/id', '', 'x', '//a/']) {
      contexts.lookup(path)
      contexts.lookup(path, 0o100000)
    }
    return true
  } catch (error) {
    if (error instanceof FileContextsError) return false
    throw error
  }
}
