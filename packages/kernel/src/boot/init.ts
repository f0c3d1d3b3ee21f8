/** The first tasks: the idle task that the stack came with, and the process 1 that is forked from it. */
import { SIGCHLD } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { BootError } from '../state/boot-error.ts'
import type { Machine } from '../machine.ts'
import { AddressSpace } from '../state/mm/address-space.ts'
import { FdTable } from '../state/vfs/fdtable.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'
import { INIT_INUM, plainNamespace } from '../state/task/namespaces.ts'
import type { NsProxy, UtsNamespace } from '../state/task/namespaces.ts'
import { PidNamespace } from '../state/task/pid.ts'
import { initRlimits } from '../state/task/rlimits.ts'
import { Sighand, Signal, Thread } from '../state/task/thread.ts'
import { noOffsets } from '../task/time-ns.ts'

/** The answer of uname(2); the release is that of the kernel whose rules hold. */
export const initUts = (machine: Machine, hostname: string): UtsNamespace => ({
  inum: INIT_INUM.uts,
  user_ns: machine.init_user_ns,
  sysname: 'Linux',
  nodename: hostname,
  release: `${machine.rules.version}-lsmkit`,
  version: '#1 SMP PREEMPT_DYNAMIC lsmkit',
  machine: 'x86_64',
  domainname: '(none)',
})

/** The idle task, or a twin of it where another kernel has already taken the stack's own. */
const idleTask = ({ current, objects, lsm }: Machine): Task => {
  let idle = current.task
  while (idle.pid !== 0 && idle.real_parent !== null) idle = idle.real_parent
  if (idle.thread === null) return idle
  const twin = objects.task(0, 0, idle.real_cred, idle.real_cred)
  twin.comm = idle.comm
  lsm.task_alloc.ask(twin, 0)
  return twin
}

/** Gives the idle task everything a fork copies. `mnt_ns` and the root directory are the VFS's. */
export const setUpIdle = (machine: Machine, mnt_ns: MountNamespace, hostname: string): Task => {
  const { init_user_ns } = machine
  const idle = idleTask(machine)
  idle.real_cred.usage = Math.max(idle.real_cred.usage, 2)
  const ns = new PidNamespace(null, init_user_ns, INIT_INUM.pid)
  const plain = (kind: 'ipc' | 'net', inum: number) => plainNamespace(kind, init_user_ns, inum)
  const time_ns = plainNamespace('time', init_user_ns, INIT_INUM.time, noOffsets())
  const nsproxy: NsProxy = {
    uts_ns: initUts(machine, hostname),
    ipc_ns: plain('ipc', INIT_INUM.ipc),
    mnt_ns,
    pid_ns_for_children: ns,
    net_ns: plain('net', machine.nextInum()),
    cgroup_ns: machine.cgroups.init_cgroup_ns,
    time_ns,
    time_ns_for_children: time_ns,
  }
  const pid = ns.idle()
  const signal = new Signal(machine.memory, 0, pid, pid, initRlimits())
  signal.threads.add(idle)
  signal.live = 1
  idle.signal = signal
  idle.group_leader = idle
  idle.real_parent = idle.parent = null
  idle.files = new FdTable(machine.memory)
  machine.namespaces.enter(nsproxy)
  idle.thread = new Thread(machine.memory, 0, pid, nsproxy, new Sighand(), machine.cgroups.root, machine.clock())
  machine.current.task = idle
  machine.init_cred = idle.real_cred
  return idle
}

/** Forks process 1. It has an address space of its own, as if a program had been loaded into it. */
export const startInit = (machine: Machine): Task => {
  const init = machine.forks.copy_process({ flags: 0, exit_signal: SIGCHLD }, false)
  if (typeof init === 'number') throw new BootError(init, 'process 1')
  init.comm = 'init'
  init.mm = new AddressSpace(machine.memory, machine.init_user_ns)
  return init
}
