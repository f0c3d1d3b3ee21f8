/** The user of a program: a child of process 1 with ids and capabilities that survive its execve. */
import {
  _LINUX_CAPABILITY_VERSION_3, CAP_LAST_CAP, capHas, capList, CapSet, errnoName, packUserCap, PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_RAISE, PR_CAPBSET_DROP, PR_SET_KEEPCAPS, sentence,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { checkOptions, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Kernel } from '@lsmkit/kernel'

export interface Subject {
  /** User and group id. */
  readonly uid: number
  /** The capabilities of the program; the default is all for root and none for others. */
  readonly caps?: CapWords
}

const aWord = wholeNumber(-0x80000000, 0xffffffff)
const capRules: OptionRules<CapWords> = { lo: required(aWord), hi: required(aWord) }
const rules: OptionRules<Subject> = { uid: required(wholeNumber(0)), caps: optionsOf(capRules) }

/** The kernel, or an LSM of its stack, has refused a step. */
export class SubjectError extends Error {
  readonly step: string
  readonly rc: number

  constructor(step: string, rc: number) {
    super(sentence`${step}: ${errnoName(rc)}`)
    this.name = 'SubjectError'
    this.step = step
    this.rc = rc
  }
}

/**
 * Forks process 1 and turns the child into the subject. Root holds `caps` because they are its bounding set, others
 * because they are ambient. `prepare` is given the task before it gives anything up. Throws SubjectError.
 */
export const createSubject = (kernel: Kernel, subject: Subject, prepare: (task: Task) => void = () => {}): Task => {
  checkOptions(subject, rules, 'createSubject')
  const { uid, caps } = subject
  const { sys, init, machine } = kernel
  const pid = ok(sys.fork(init), 'fork')
  const task = machine.tasks.findByVpid(pid) as Task
  prepare(task)
  if (caps !== undefined) boundTo(kernel, task, caps)
  if (uid === 0) return task
  ok(sys.prctl(task, PR_SET_KEEPCAPS, 1, 0, 0, 0), 'prctl(PR_SET_KEEPCAPS)')
  ok(sys.setgroups(task, 0, []), 'setgroups')
  ok(sys.setresgid(task, uid, uid, uid), 'setresgid')
  ok(sys.setresuid(task, uid, uid, uid), 'setresuid')
  hold(kernel, task, caps ?? new CapSet())
  for (const cap of capList(caps ?? new CapSet())) {
    ok(sys.prctl(task, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), `prctl(PR_CAP_AMBIENT_RAISE, ${cap})`)
  }
  return task
}

const boundTo = (kernel: Kernel, task: Task, caps: CapWords): void => {
  for (let cap = 0; cap <= CAP_LAST_CAP; cap++) {
    if (!capHas(caps, cap)) ok(kernel.sys.prctl(task, PR_CAPBSET_DROP, cap, 0, 0, 0), `prctl(PR_CAPBSET_DROP, ${cap})`)
  }
}

/** Permitted, effective and inheritable. */
const hold = ({ sys }: Kernel, task: Task, set: CapWords): void => {
  const data = packUserCap({ effective: set, permitted: set, inheritable: set }, 2)
  ok(sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data), 'capset')
}

const ok = (rc: number, step: string): number => {
  if (rc < 0) throw new SubjectError(step, rc)
  return rc
}
