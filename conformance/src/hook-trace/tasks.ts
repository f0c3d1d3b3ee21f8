/** Operations of hook-trace.tsv that a child takes part in unseen, or that count the machine's tasks or namespaces. */
import { CLONE_NEWPID, KEYCTL_JOIN_SESSION_KEYRING, KEYCTL_SESSION_TO_PARENT, SIGSEGV } from '@lsmkit/abi'
import { ROOT_TASKS } from './world.ts'
import type { Operation } from './world.ts'

export const taskOperations: Readonly<Record<string, Operation>> = {
  keyctl_session_to_parent(world) {
    const { sys } = world
    sys.keyctl(KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0)
    const child = world.recorded(world.taskOf(world.must(sys.fork(), 'fork')))
    child.keyctl(KEYCTL_JOIN_SESSION_KEYRING, null, 0, 0, 0)
    return () => child.keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0)
  },
  /** The child stays. */
  fork_only: ({ sys }) => () => sys.fork(),
  segv_: (world) => () => {
    const pid = world.sys.fork()
    world.of(world.taskOf(pid)).kill(pid, SIGSEGV)
    world.sys.wait4(pid, null, 0, null)
  },
  unshare_newpid(world) {
    // The recorded kernel had seen a pid namespace before.
    world.kid(0, (calls) => void calls.unshare(CLONE_NEWPID))
    return () => world.sys.unshare(CLONE_NEWPID)
  },
  kill_all: (world) => {
    // process 1 counts as one of root's
    for (let i = 0; i < ROOT_TASKS; i++) world.kid()
    world.kid(1000)
    world.user()
    return () => world.sys.kill(-1, 0)
  },
}
