/** The kernel's side of the Landlock module: core's LandlockHost. */
import { AF_UNIX } from '@lsmkit/abi'
import type { LandlockHost, Task } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import type { Machine } from '../machine.ts'
import { UnixSock } from '../state/net/unix-sock.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** Of a process group. */
const newestOf = (machine: Machine, nr: number): Task | null =>
  [...(threadOf(machine.idle).pid.ns.find(nr)?.group ?? [])].at(-1) ?? null

export const landlockHost = (machine: Machine): LandlockHost => ({
  topology: machine.topology,
  ihold: (inode) => machine.vfs.ihold(inode),
  iput: (inode) => machine.vfs.iput(inode),
  account: () => new Holder(machine.account, 0),
  unix_peer: (sk) => (sk.sk_family === AF_UNIX ? (UnixSock.of(sk).peer?.sk ?? null) : null),
  isAbstract(sk) {
    const { name } = UnixSock.of(sk)
    return name.length > 0 && name[0] === 0
  },
  pid_task: (nr) => (nr < 0 ? newestOf(machine, -nr) : machine.tasks.find(nr)),
  processOf: signalOf,
})
