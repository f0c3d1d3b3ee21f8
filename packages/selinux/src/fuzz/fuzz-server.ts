/**
 * Damaged policies, contexts and file contexts: each is refused with a typed error, or is one that every question can
 * be asked of. After a policy that was refused, the old one must decide as before.
 */
import { Ebitmap } from '../policydb/ebitmap.ts'
import { PolicyError } from '../policydb/errors.ts'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import { AvDecision, XpermDecision } from '../server/decision.ts'
import { FileContextsError } from '../server/file-contexts/errors.ts'
import { FileContexts } from '../server/file-contexts/file-contexts.ts'
import { SecurityServer } from '../server/security-server.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import { randomOf } from './random.ts'
import type { Random } from './random.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

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
    const [ssid, tsid, tclass] = [random.pick(sids), random.pick(sids), random.below(12)]
    server.computeAvUser(ssid, tsid, tclass, av)
    server.computeXperms(ssid, tsid, tclass, random.below(256), 1 + random.below(2), xperms)
    for (const sid of [
      server.transitionSidUser(ssid, tsid, tclass, random.pick(['secret.txt', 'x'])),
      server.memberSid(ssid, tsid, tclass),
      server.changeSid(ssid, tsid, tclass),
    ]) {
      if (sid > 0) server.sidToContext(sid)
    }
    server.validateTransitionUser(ssid, tsid, random.pick(sids), tclass)
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

/** Repeats records of one kind: a policy of megabytes that says little. */
const swollen = (policy: Uint8Array, random: Random): Uint8Array => {
  const db = readPolicy(policy)
  const often = 1 << random.below(12)
  const repeat = <T>(items: T[]): void => {
    const [item] = items
    if (item !== undefined) for (let i = 0; i < often; i++) items.push(item)
  }
  const everyType = Ebitmap.of(Array.from({ length: db.types.nprim }, (_, i) => i))
  switch (random.below(7)) {
    case 0:
      for (let i = 0; i < often; i++) {
        db.filenameTransitions.push({ name: `n${i}`, target: 1, tclass: 1, results: [{ sources: everyType, type: 1 }] })
      }
      break
    case 1: repeat(db.roleAllows); break
    case 2: repeat(db.conditionals); break
    case 3: repeat(db.ports); break
    case 4: repeat(db.nodes); break
    case 5: for (const tclass of db.classes.items) repeat(tclass.constraints); break
    default: repeat(db.genfs[0]?.paths ?? [])
  }
  return writePolicy(db)
}

/** Damages a policy; another one is in force meanwhile. */
export const policyTarget = (policy: Uint8Array, contexts: readonly string[]): FuzzTarget => {
  const server = new SecurityServer()
  server.load(policy)
  const sids = contexts.map((text) => server.contextToSid(text))
  const before = answers(server, sids)
  const make = (random: Random): Uint8Array => random.below(64) === 0 ? swollen(policy, random)
    : mutateBytes(policy, random)
  const attempt = (damaged: Uint8Array): boolean => {
    const random = randomOf(damaged)
    const other = new SecurityServer(
      { mode: random.pick(['kernel', 'libsepol']), enforcing: () => random.below(2) === 0 },
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
  return { make, attempt }
}

const contextPieces = [
  ':', '-', ',', '.', 's0', 's1', 's2', 'c0', 'c5', 'c0.c5', '', ' ', '\0', 'é', 'object_r', 'domain', 'user_t', '::',
  'c'.repeat(300),
]

/** Categories and pieces without end. */
const endless = (random: Random): string => {
  const piece = random.pick([...contextPieces, 'c0,', 'c0.c3,', 'c0.c1.', ':s0', '-s0'])
  return `joe:user_r:user_t:s0${random.pick(['', ':', '-s1:'])}${piece.repeat(1 + random.below(20_000))}c1`
}

/** Damages contexts; an accepted one must have a canonical text that is the same SID. */
export const contextTarget = (policy: Uint8Array, contexts: readonly string[]): FuzzTarget => {
  let server = new SecurityServer()
  let asked = 0
  const make = (random: Random): string => random.below(64) === 0 ? endless(random)
    : mutateText(random.pick(contexts), contextPieces, random)
  const attempt = (input: Uint8Array): boolean => {
    const text = textOf(input)
    // SIDs are never given back, as in the kernel: a fresh server now and then.
    if (asked++ % 50_000 === 0) {
      server = new SecurityServer()
      server.load(policy)
    }
    const sid = server.contextToSid(text, input.length % 4 === 0 ? 1 : 0)
    if (sid <= 0) return false
    const canonical = server.sidToContext(sid)
    if (typeof canonical !== 'string' || server.contextToSid(canonical) !== sid) throw new Error(
      `\`${text}\`: ${canonical}`,
    )
    return true
  }
  return { make, attempt }
}

const linePieces = [
  '(', ')', '[', ']', '*', '?', '\\', '|', '.', '+', '{', '}', '^', '$', '/', '--', '-d', '-x', '<<none>>', '\n', ' ',
  '\t', '#', '[[:digit:]]', 'é',
]

/** A pattern of parts that go back over one another, and a path that makes them do so. */
const backtracking = (random: Random): string => {
  const part = (): string => random.pick(patternParts)
  const parts = Array.from({ length: 1 + random.below(8) }, part).join('')
  return `/${random.pick(['', 'a', 'etc/'])}${parts} c\n/x${part().repeat(1 + random.below(300))} d\n`
}

const patternParts = [
  '(a*)*', '(\\.[^/]*)*', '.*', '(a|aa)+', '(.*/)?', '[ab]{1,40}', 'a?', '(?=.*b)', '(?!a)', '(?<=a)', '\\b', '$', '^',
  'x', '|',
  '(a{1,9}){1,9}', '[[:alpha:]]+', '(', ')',
]

const paths = ['/', '/etc/passwd', '/usr/lib/x.so.1', '/alias/a', '/home/joe/.ssh/id', '', 'x', '//a/',
  ...['a', '.', 'ab', '/', 'a/b.'].map((piece) => `/x${piece.repeat(200)}!`), `/etc/${'a'.repeat(4000)}b`]

/** Damages file contexts; those taken must answer for every path. */
export const fileContextsTarget = (text: string): FuzzTarget => ({
  make: (random) => random.below(8) === 0 ? backtracking(random) : mutateText(text, linePieces, random),
  attempt(input) {
    try {
      const contexts = new FileContexts({ base: textOf(input), subsDist: '/alias /etc\n' })
      for (const path of paths) {
        contexts.lookup(path)
        contexts.lookup(path, 0o100000)
      }
      return true
    } catch (error) {
      if (error instanceof FileContextsError) return false
      throw error
    }
  },
})
