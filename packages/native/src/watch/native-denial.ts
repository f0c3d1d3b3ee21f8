/** Refusals of native programs, as those of a box: the sentence, the record, and what would permit it. */
import { EACCES } from '@lsmkit/abi'
import type { DenialRecord } from '@lsmkit/core'
import { rightNames } from '@lsmkit/landlock/plan'
import { denialOf } from '@lsmkit/sandbox/policy-parts'
import type { Denial, WholeAllow } from '@lsmkit/sandbox/policy-parts'
import { lstatSync } from 'node:fs'
import type { FilterRefusal } from './filter-refusals.ts'
import type { MediatedDenial } from './mediator.ts'
import type { WatchedCall } from './watched-call.ts'

/** A refusal of a native program. */
export interface NativeDenial extends Denial {
  /** The host's number of the thread, and the name of its program. */
  readonly pid: number
  readonly comm: string
}

const isThere = (path: string): boolean => {
  try {
    return lstatSync(path) !== undefined
  } catch {
    return false
  }
}

const subjectOf = (pid: number, comm: string): DenialRecord['subject'] => {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  return {
    pid, tid: pid, comm, uid, gid, euid: uid, egid: gid, fsuid: uid, fsgid: gid, auid: 0xffffffff, ses: 0xffffffff,
    label: null,
  }
}

/** What Landlock refuses by the model of the policy, as its own module would have recorded it. */
const landlockRecord = (of: WatchedCall | MediatedDenial, serial: number): DenialRecord => {
  const rights = of.missing.reduce((mask, one) => mask | one.rights, 0)
  const right = of.missingAtPort?.right ?? 0
  const blockers = [rightNames('fs', rights), rightNames('net', right)].filter((one) => one !== '')
  const port = of.missingAtPort?.port ?? null
  return {
    kind: 'denial', serial, time: of.time, hook: port === null ? 'file_open' : 'socket_connect', lsm: 'landlock',
    subject: subjectOf(of.pid, of.comm), object: null, args: port === null ? {} : { port }, rc: -EACCES,
    reason: null,
    details: {
      blockers: blockers.join(','), ...of.path === null ? {} : { path: of.path },
      // the model refuses; a probe may have asked the kernel
      ...of.kind === 'call' ? { kernel: of.kernel } : {},
    },
  }
}

/** A record where no module has one: the kernel of the mirror, or the watcher itself, has refused. */
const plainRecord = ({ call, path, rc, time }: MediatedDenial) =>
  ({ kind: 'call', by: 'mode', call, rc, path, time }) as const

const filterRecord = ({ call, rc, time, why }: FilterRefusal) =>
  ({ kind: 'call', by: 'seccomp', call, rc, path: null, time, why }) as const

export class NativeDenials {
  readonly #allow: WholeAllow | null
  #serial = 0

  /** Null: the modules alone decide. */
  constructor(allow: WholeAllow | null) {
    this.#allow = allow
  }

  /** Null for a call that was permitted. */
  of(one: WatchedCall | MediatedDenial | FilterRefusal): NativeDenial | null {
    if (one.kind === 'filter') return this.#denial(one, filterRecord(one), null)
    const isRefused = one.missing.length > 0 || one.missingAtPort !== null
    if (one.kind === 'call' && !isRefused) return null
    const record = isRefused || one.kind === 'call' ? landlockRecord(one, ++this.#serial)
      : one.record ?? plainRecord(one)
    return this.#denial(one, record, one.path)
  }

  #denial(
    { call, pid, comm }: Pick<FilterRefusal, 'call' | 'pid' | 'comm'>, record: Denial['record'], path: string | null,
  ): NativeDenial {
    const ways = path === null ? [] : [{ real: path, links: [] }]
    const denial = denialOf({ call, record }, {
      run: 1, role: null, allow: this.#allow, ways, isForeignLink: false, isThere,
    })
    return { ...denial, pid, comm }
  }
}
