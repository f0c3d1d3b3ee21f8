/** Forks, signals and tracing under mediation. Where all arguments are numbers, nobody can change them: they go on. */
import {
  EPERM, PTRACE_ATTACH, PTRACE_MODE_ATTACH_REALCREDS, PTRACE_SEIZE, PTRACE_TRACEME,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { GO_ON, LATER } from './asked.ts'
import type { Answer, Asked, Mediating } from './asked.ts'
import type { Mirrored } from '../mirror-tasks.ts'
import type { SignalRequest, TraceRequest } from '../requests.ts'

/** As `check_kill_permission`, of the stack alone: the host decides by ids. */
const askSignal = (
  { mirror: { kernel: { machine } } }: Mediating, task: Task, target: Task, signal: number,
): number =>
  target === task ? 0
    : machine.as(task, () => machine.lsm.task_kill.ask(target, machine.signals.userSiginfo(signal), signal, null))

const groupOf = (mediator: Mediating, pid: number): number => mediator.host.groupOf(pid)

/** The processes that a number of kill(2) names; null where one is meant that is not mediated. */
const targetsOf = (
  mediator: Mediating, { of }: Asked, pid: number,
): Mirrored[] | null => {
  const { tasks } = mediator
  const known = (one: number): Mirrored[] | null => {
    const target = tasks.ofProcess(one)
    return target === null ? null : [target]
  }
  if (pid > 0) return known(pid)
  if (pid === -1) return null
  const group = pid === 0 ? groupOf(mediator, of.pid) : -pid
  // the watcher, and whoever has started it, are no targets
  if (group === groupOf(mediator, process.pid)) return null
  const all = tasks.all.filter((one) => groupOf(mediator, one.pid) === group)
  return all.length === 0 ? null : all
}

/** The child has what its parent has when it is made: its parent may be gone when it asks for something. */
export const mediateFork = ({ tasks }: Mediating, { call, of, tid }: Asked): Answer => {
  tasks.expectChild(of, tid, () => call.goOn())
  return LATER
}

const askTargets = (mediator: Mediating, asked: Asked, pid: number, signal: number): number => {
  const targets = targetsOf(mediator, asked, pid)
  if (targets === null) return -EPERM
  for (const target of targets) {
    const rc = mediator.ask(() => askSignal(mediator, asked.of.task, target.task, signal))
    if (rc < 0) return rc
  }
  return 0
}

/** A number can be another descriptor by the time that the kernel looks: the watcher sends by the one that it has. */
const signalByDescriptor = (
  mediator: Mediating, asked: Asked, { pid, signal, flags, hasInfo }: SignalRequest,
): number => {
  const { host, hands } = mediator
  const fd = host.copyDescriptor(asked.tid, pid)
  if (fd < 0) return fd
  const target = host.processOfDescriptor(process.pid, fd)
  const rc = target <= 0 || hasInfo ? -EPERM : askTargets(mediator, asked, target, signal)
  const done = rc < 0 ? rc : hands.signal(fd, signal, flags)
  hands.close(fd)
  return done
}

export const mediateSignal = (mediator: Mediating, asked: Asked, request: SignalRequest): Answer => {
  // children that have not asked for anything yet are targets too
  for (const one of mediator.tasks.all) mediator.tasks.placeChildren(one)
  if (request.isDescriptor) return signalByDescriptor(mediator, asked, request)
  const rc = askTargets(mediator, asked, request.pid, request.signal)
  return rc < 0 ? rc : GO_ON
}

export const mediateTrace = (mediator: Mediating, asked: Asked, { request, pid }: TraceRequest): Answer => {
  const { mirror: { kernel: { machine } }, tasks } = mediator
  const { task } = asked.of
  if (request === PTRACE_TRACEME) {
    const parent = task.real_parent
    const rc = parent === null ? -EPERM
      : mediator.ask(() => machine.as(task, () => machine.lsm.ptrace_traceme.ask(parent)))
    return rc < 0 ? rc : GO_ON
  }
  if (request !== PTRACE_ATTACH && request !== PTRACE_SEIZE) return GO_ON
  const target = tasks.ofProcess(pid)
  if (target === null) return -EPERM
  const rc = mediator.ask(() =>
    machine.as(task, () => machine.lsm.ptrace_access_check.ask(target.task, PTRACE_MODE_ATTACH_REALCREDS)))
  return rc < 0 ? rc : GO_ON
}
