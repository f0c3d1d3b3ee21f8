/** The process half of one machine, put together in the order its parts need one another. */
import type { KeyMap } from '@lsmkit/core'
import { createCgroups } from '../cgroup/cgroups.ts'
import { createExec } from '../exec/exec.ts'
import { programFormats } from '../exec/formats.ts'
import { scriptFormat } from '../exec/script.ts'
import { createNsfs } from '../fs/ns/nsfs.ts'
import { createIpc } from '../ipc/ipc.ts'
import { createKeys } from '../keys/keys.ts'
import type { Machine } from '../machine.ts'
import { createAdvice } from '../mm/advice.ts'
import { createMmaps } from '../mm/mmap.ts'
import { createMms } from '../mm/mms.ts'
import { createShmem } from '../mm/shmem.ts'
import { createNet } from '../net/net.ts'
import { createCreds } from '../task/creds.ts'
import { createDeadlines } from '../task/deadlines.ts'
import { createDelivery } from '../task/delivery.ts'
import { createExits } from '../task/exits.ts'
import { createForks } from '../task/fork.ts'
import { createNamespaces } from '../task/nsproxy.ts'
import { createPidfds } from '../task/pidfd.ts'
import { createPtrace } from '../task/ptrace.ts'
import { createSignals } from '../task/signals.ts'
import { createTimers } from '../task/timers.ts'
import { createUserNs } from '../task/user-ns.ts'

/** Before the VFS, which keeps credentials with its files. */
export const setUpCreds = (lsm: KeyMap, machine: Machine): void => {
  machine.creds = createCreds(lsm, machine)
}

/** After the VFS. */
export const setUpProcesses = (lsm: KeyMap, machine: Machine): void => {
  machine.userNs = createUserNs(lsm, machine)
  machine.cgroups = createCgroups(machine)
  machine.mms = createMms(lsm, machine)
  machine.signals = createSignals(lsm, machine)
  machine.delivery = createDelivery(machine)
  machine.ptrace = createPtrace(lsm, machine)
  machine.exits = createExits(machine)
  machine.namespaces = createNamespaces(machine)
  machine.pidfds = createPidfds(machine)
  machine.nsfs = createNsfs(lsm, machine)
  machine.forks = createForks(machine)
  machine.shmem = createShmem(machine)
  machine.mmaps = createMmaps(machine)
  machine.advice = createAdvice(machine)
  machine.timers = createTimers(machine)
  machine.deadlines = createDeadlines(machine)
  machine.ipc = createIpc(lsm, machine)
  machine.keys = createKeys(lsm, machine)
  machine.net = createNet(lsm, machine)
  machine.exec = createExec(machine)
  machine.exec.registerBinfmt(scriptFormat(machine.exec.open_exec))
  for (const format of programFormats(machine)) machine.exec.registerBinfmt(format)
  machine.sendSignal = (task, sig) => machine.signals.send_kernel(sig, task)
}
