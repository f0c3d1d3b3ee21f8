/** Refusals of the policy's own filter: a watch is asked about them, so that they have names, and gives the answer. */
import {
  addressFamilyName, EACCES, EPERM, ownValue, SECCOMP_RET_ACTION_FULL, SECCOMP_RET_DATA,
  SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, syscallName,
} from '@lsmkit/abi'
import { runFilter } from '@lsmkit/kernel/parts'
import { callsAnswered, filterCodes } from '@lsmkit/sandbox/policy-parts'
import { argumentRules } from '../plan/calls.ts'
import { callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import { callsArm64 } from '../sys/calls-arm64.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import type { Notification } from './notification.ts'

/** A call that the filter refuses: plain data. */
export interface FilterRefusal {
  readonly kind: 'filter'
  readonly time: number
  readonly pid: number
  readonly comm: string
  readonly call: string
  readonly rc: number
  /** The end of a sentence. */
  readonly why: string
}

/** -errno of an answer that refuses, and 0 of another one. A call that is absent (ENOSYS) is no refusal. */
const refusalOf = (answer: number): number => {
  const errno = answer & SECCOMP_RET_DATA
  return ((answer & SECCOMP_RET_ACTION_FULL) >>> 0) === SECCOMP_RET_ERRNO && (errno === EPERM || errno === EACCES)
    ? -errno : 0
}

/** The filter with a question in place of each refusal. */
export const askingFilter = (filter: readonly FilterStep[]): FilterStep[] => filter.map((step) =>
  (step.code === filterCodes.RETURN && refusalOf(step.k) < 0 ? { ...step, k: SECCOMP_RET_USER_NOTIF } : step))

const numberNames = (arch: Arch): ReadonlyMap<number, string> =>
  new Map(Object.entries(arch === 'arm64' ? callsArm64 : {}).map(([name, number]) => [number, name]))

const whys: Readonly<Record<string, (call: Notification) => string>> = {
  socket: (call) => `sockets of ${addressFamilyName(call.int(0))} of that kind are in neither connect nor listen`,
  socketpair: () => 'pairs of datagrams reach other sockets, which are in neither connect nor listen',
  listen: () => '`listen` of the policy is empty',
  inotify_add_watch: () => 'events of files are closed: `--accept file-events` opens them',
  clone: () => 'new namespaces are closed',
  unshare: () => 'new namespaces are closed',
}
const ATTRIBUTES: ReadonlySet<string> = new Set(callsAnswered('attributes'))

export class FilterRefusals {
  readonly #filter: readonly FilterStep[]
  readonly #names: ReadonlyMap<number, string>
  /** Numbers of calls that the filter may refuse. */
  readonly #candidates: ReadonlySet<number>

  constructor(arch: Arch, filter: readonly FilterStep[]) {
    this.#filter = filter
    this.#names = numberNames(arch)
    const all = {
      tcp: true, unix: true, udp: true, listens: true, attributes: true, attributeReads: true, fileEvents: true,
      listener: true,
    }
    const rules = argumentRules(all)
    const ruled = rules.map(({ call }) => call)
    const names = [...callsAnswered('refused'), ...ATTRIBUTES, ...ruled, 'listen', 'inotify_add_watch']
    this.#candidates = new Set(names.flatMap((name) => callNumber(arch, name) ?? []))
  }

  /** -errno of a call that the filter refuses; else 0. Its arguments are numbers, so that they stay. */
  of(call: Notification): number {
    return this.#candidates.has(call.nr) ? refusalOf(runFilter(this.#filter, call.data)) : 0
  }

  /** The name of a call, and the end of a sentence about its refusal. */
  describe(call: Notification): { readonly call: string; readonly why: string } {
    const name = this.#names.get(call.nr) ?? syscallName(call.nr)
    const why = ATTRIBUTES.has(name) ? 'attributes of files are closed: `--accept attributes` opens them'
      : ownValue(whys, name)?.(call) ?? 'no native program of a box makes this call'
    return { call: name, why }
  }
}
