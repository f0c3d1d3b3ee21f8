/**
 * Operations of selinux-ops.tsv that nobody has written down by name: made from their description, which is close
 * enough to C to be followed. `mmap(PROT_READ, MAP_PRIVATE, fd)` maps an inherited descriptor of `f`.
 */
import { syscallTable } from '@lsmkit/kernel'
import type { SyscallName } from '@lsmkit/kernel'
import { keyOperations } from '../keys.ts'
import type { Operation, Outcome } from '../world.ts'
import { clausesOf } from './clauses.ts'
import type { Clause } from './clauses.ts'
import { fdCalls } from './fd-calls.ts'
import { fileCalls } from './file-calls.ts'
import type { Reader } from './file-calls.ts'
import {
  mountStep, otherCalls, plainCall, questionStep, selinuxfsOpenStep, selinuxfsWriteStep,
} from './other-calls.ts'
import { Scene } from './scene.ts'
import type { Step } from './scene.ts'
import { connectStep, netlinkStep, socketCalls } from './socket-calls.ts'
import { attributeStep, procReadStep, procWriteStep, taskCalls } from './task-calls.ts'

const calls: Readonly<Record<string, Reader>> = {
  ...fileCalls, ...fdCalls, ...taskCalls, ...socketCalls, ...otherCalls,
}

/** Clauses in words, and what their words are handed to. */
const phrases: readonly (readonly [RegExp, Reader])[] = [
  [/^attr\/(\w+) = ([\w:]+)/, attributeStep],
  [/^read (\/proc\/\S+)$/, procReadStep],
  [/^read\((\/proc\/\S+)\)$/, procReadStep],
  [/^write\((\/proc\/[^,]+)(?:, (\d+))?\)/, procWriteStep],
  [/^write (\/proc\/\S+) (\S+)$/, procWriteStep],
  [/^(tcp6?|udp6?) connect\((.*)\)/, connectStep],
  [/^(NETLINK_\w+) sendto (.*)$/, netlinkStep],
  [/^mount (\w+)((?: \w+=\S+)*)$/, (scene, [type = '', options = '']) => mountStep(scene, [type, ...options.split(' ')], '')],
  [/^selinuxfs (\w+)(.*)$/, questionStep],
  [/^write selinuxfs (\S+)(?: (.*))?$/, selinuxfsWriteStep],
  [/^(open) selinuxfs (\S+)$/, (scene, [how = '', name = '']) => selinuxfsOpenStep(scene, [name, how], '')],
  [/^(read) selinuxfs (\S+)$/, (scene, [how = '', name = '']) => selinuxfsOpenStep(scene, [name, how], '')],
  [/^(\w+) in unshare\((\w+)\)$/, (scene, [name = '', flags = '']) => {
    const [unshare, call] = [taskCalls.unshare!(scene, [flags], ''), calls[name]!(scene, [], '')]
    return (sys) => {
      const rc = unshare(sys) as number
      return rc < 0 ? rc : call(sys)
    }
  }],
  [/^(tcp6?|udp6?) socket$/, socketCalls.socket!],
  [/^policy loaded again by kernel_t$/, ({ world }) => () => {
    world.load(world.current)
    return 0
  }],
  [/^a second thread exists$/, taskCalls['a second thread exists']!],
  // `commit_pending_bools 1` behind a boolean
  [/^(commit_pending_bools) (\d)$/, selinuxfsWriteStep],
]

/** A call that this kernel has not. */
const isAbsent = (name: string): boolean =>
  Object.hasOwn(syscallTable, name) && syscallTable[name as SyscallName].level === 'absent'

const isSocket = (text: string): boolean => /\bsocket\(|\bconnect\(/.test(text)

/** null: a remark, which is no step. */
type Found = (scene: Scene) => Step | null

/** Calls and phrases that leave a descriptor behind. */
const OPENS = /^(?:open\w*|creat|socket\w*|pipe|eventfd|memfd_create|\w+_init1?|pidfd_open|userfaultfd|(?:tcp|udp)\b.*)$/
/** What is done to a socket only. */
const ON_SOCKET = new Set(['setsockopt', 'getsockopt', 'bind', 'listen', 'connect', 'getsockname', 'sendto'])

/** Words that begin like a call and are none. */
const REMARKS = /^write to it$/
/** A clause that is no call says something of those before it: the scene has looked for what it needs. */
const remark: Found = () => null

const readerOf = ({ name, args, note, text }: Clause, at: number, whole: string): Found | null => {
  if (at > 0 && REMARKS.test(text)) return remark
  for (const [pattern, reader] of phrases) {
    const match = pattern.exec(text)
    if (match !== null) return (scene) => reader(scene, match.slice(1).map((word) => word ?? ''), '')
  }
  const key = name === 'ioctl' && isSocket(whole) ? 'sock_ioctl' : name
  if (isAbsent(name)) return null
  const reader = Object.hasOwn(calls, key) ? calls[key]! : args === null ? null : plainCall(name)
  if (reader === null && at > 0) return remark
  return reader === null ? null : (scene) => reader(scene, args ?? [], note)
}

/** `selinuxfs context: write an invalid context`: here what stands behind the colon counts. */
const wholePhrase = /^selinuxfs \w+: /

/** `keyctl(READ, key of p)`: what is done to a key of the other process. */
const KEYCTL: Readonly<Record<string, string>> = {
  DESCRIBE: 'key_describe', READ: 'key_read', UPDATE: 'key_update', LINK: 'key_link', CHOWN: 'key_chown',
  SETPERM: 'key_setperm', REVOKE: 'key_revoke', INVALIDATE: 'key_invalidate', SET_TIMEOUT: 'key_timeout',
  GET_SECURITY: 'key_getsecurity',
}

/** null where a part of the description is not understood. */
export const describedOperation = (description: string, operation = ''): Operation | null => {
  const command = /^keyctl\((\w+), key of p\b/.exec(description)?.[1] ?? ''
  if (Object.hasOwn(KEYCTL, command)) return keyOperations[KEYCTL[command]!]!
  const clauses = wholePhrase.test(description)
    ? [{ name: '', args: null, note: '', text: description.replace(':', '') }] : clausesOf(description)
  const readers = clauses.map((clause, at) => readerOf(clause, at, description))
  if (readers.length === 0 || readers.includes(null)) return null
  return (world) => {
    const scene = new Scene(world, description, operation)
    const steps: Step[] = []
    for (const [i, { name, text }] of clauses.entries()) {
      const needsSocket = ON_SOCKET.has(name) && !scene.opens
      if (needsSocket) steps.push(socketCalls.socket!(scene, ['udp'], ''))
      const step = (readers as Found[])[i]!(scene)
      if (step !== null) steps.push(step)
      scene.opens ||= needsSocket || OPENS.test(name) || OPENS.test(text)
    }
    for (const set of scene.last) set()
    return (sys) => {
      let outcome: number | Outcome = 0
      for (const step of steps) {
        outcome = step(sys)
        if ((typeof outcome === 'number' ? outcome : outcome.rc) < 0) return outcome
      }
      return typeof outcome === 'number' ? Math.min(outcome, 0) : outcome
    }
  }
}
