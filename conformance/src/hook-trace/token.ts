/** The BPF token of a row of hook-trace.tsv, whose making no row shows. */
import {
  BPF_TOKEN_CREATE, CLONE_NEWNS, CLONE_NEWUSER, FSCONFIG_CMD_CREATE, FSCONFIG_SET_STRING, O_DIRECTORY, O_RDONLY,
} from '@lsmkit/abi'
import type { World } from './world.ts'

/** A token of a user namespace: who may delegate does so on the mount that the namespace has begun. */
export const token = (world: World): number => {
  const { sys, must } = world
  const helper = world.of(world.taskOf(world.kid(0)))
  must(sys.unshare(CLONE_NEWUSER | CLONE_NEWNS), 'unshare')
  const context = must(sys.fsopen('bpf', 0), 'fsopen')
  const theirs = must(helper.pidfd_getfd(must(helper.pidfd_open(world.task.pid, 0), 'pidfd'), context, 0), 'getfd')
  for (const what of ['cmds', 'maps', 'progs', 'attachs'])
    must(helper.fsconfig(theirs, FSCONFIG_SET_STRING, `delegate_${what}`, 'any', 0), what)
  must(helper.fsconfig(theirs, FSCONFIG_CMD_CREATE, null, null, 0), 'create')
  const root = must(sys.openat(must(sys.fsmount(context, 0, 0), 'fsmount'), '.', O_RDONLY | O_DIRECTORY, 0), 'root')
  return must(sys.bpf(BPF_TOKEN_CREATE, { bpffs_fd: root }), 'token')
}
