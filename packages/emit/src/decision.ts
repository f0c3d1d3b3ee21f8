/** The answers of a box under a policy. `world.test.ts` asks a real box the same questions. */
import { AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '@lsmkit/abi'
import { runFilter } from '@lsmkit/kernel'
import type { SockFilter } from '@lsmkit/kernel'
import { socketFilter } from '@lsmkit/sandbox/policy-parts'
import { specialCalls } from './calls.ts'
import { hasRule, rightsAt } from './plain.ts'
import type { Plain, Rights } from './plain.ts'
import { entryRights, parentOf } from './question.ts'
import type { Answers, PairQuestion, PathQuestion, PathRight, SocketQuestion } from './question.ts'
import { isAllowed, seccompData } from './seccomp/data.ts'

/** The right of a place that each act needs; null for what nobody may do. */
const needed: Readonly<Record<PathRight, keyof Rights | null>> = {
  read: 'read', list: 'read', write: 'write', truncate: 'write', make: 'write', 'make-dir': 'write',
  'make-link': 'write', 'make-pipe': 'write', remove: 'write', 'remove-dir': 'write', move: 'write',
  attributes: 'write', execute: 'execute', 'make-device': null,
}

/** The place whose rights decide: the directory of an entry, or the path itself. */
export const decidingPath = ({ right }: PathQuestion, path: string): string =>
  (entryRights.has(right) ? parentOf(path) : path)

/** Whether rights at the place that decides are enough. */
export const isGranted = (rights: Rights, right: PathRight): boolean => {
  const need = needed[right]
  return need !== null && rights[need]
}

/** A filter's answer to socket(2) or socketpair(2). */
export const socketAllowed = (filter: readonly SockFilter[], question: SocketQuestion | PairQuestion): boolean => {
  const data = question.kind === 'pair' ? seccompData('socketpair', [AF_UNIX, question.type, 0])
    : seccompData('socket', [question.family, question.type, question.protocol])
  return isAllowed(runFilter(filter, data))
}

/** Whether a program has a socket that a UNIX socket with a path can be reached by. */
export const reachesUnix = (answers: Answers): boolean =>
  answers({ kind: 'socket', family: AF_UNIX, type: SOCK_STREAM, protocol: 0 }) ||
  answers({ kind: 'pair', type: SOCK_DGRAM })

/** The answers of a box: true for each act that its programs may do. */
export const boxAnswers = (plain: Plain): Answers => {
  const { allow, hosts, families } = plain
  const filter = socketFilter(families)
  return (question) => {
    switch (question.kind) {
      case 'path': return isGranted(rightsAt(plain, decidingPath(question, question.path)), question.right)
      case 'connect': return plain.connect.includes(question.port)
      case 'listen': return plain.listen.includes(question.port)
      case 'host': return 'rules' in hosts.decide({ ...question, protocol: 'tcp' }, null)
      // a socket on a read-only mount can be connected to
      case 'unix': return allow.connect.includes('unix') && hasRule(plain, 'write', question.path)
      case 'socket': case 'pair': return socketAllowed(filter, question)
      case 'call': {
        const kind = specialCalls.get(question.name)?.kind
        return kind === undefined || kind === 'shared'
      }
      case 'outside': return false
    }
  }
}
