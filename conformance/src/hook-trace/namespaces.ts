/** Operations of hook-trace.tsv: namespaces. */
import {
  AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS, O_RDONLY,
} from '@lsmkit/abi'
import type { Calls, Operation, World } from './world.ts'

const unshare = (flags: number, asUser = false): Operation => (world) => {
  if (asUser) world.user()
  return () => world.sys.unshare(flags)
}

/** A kid in namespaces of its own, all but that of users. */
const nsAll = (calls: Calls): void => {
  calls.unshare(CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP)
}
const nsUser = (calls: Calls): void => {
  calls.unshare(CLONE_NEWUSER)
}

const open = ({ sys, must }: World, pid: number, name: string): number =>
  must(sys.openat(AT_FDCWD, `/proc/${pid}/ns/${name}`, O_RDONLY, 0), name)

const setns = (name: string, flag: number, then: (calls: Calls) => void, asUser = false): Operation => (world) => {
  const f = open(world, world.kid(0, then), name)
  if (asUser) world.user()
  return () => world.sys.setns(f, flag)
}

export const namespaceOperations: Readonly<Record<string, Operation>> = {
  unshare_newns: unshare(CLONE_NEWNS),
  unshare_newns_user: unshare(CLONE_NEWNS, true),
  unshare_newuts: unshare(CLONE_NEWUTS),
  unshare_newuts_user: unshare(CLONE_NEWUTS, true),
  unshare_newipc: unshare(CLONE_NEWIPC),
  unshare_newipc_user: unshare(CLONE_NEWIPC, true),
  unshare_newnet: unshare(CLONE_NEWNET),
  unshare_newpid: unshare(CLONE_NEWPID),
  unshare_newuserns_user: unshare(CLONE_NEWUSER, true),
  unshare_newcgroup_user: unshare(CLONE_NEWCGROUP, true),
  unshare_newtime_user: unshare(CLONE_NEWTIME, true),
  unshare_files: unshare(CLONE_FILES),
  unshare_fs: unshare(CLONE_FS),
  unshare_fs_user: unshare(CLONE_FS, true),
  unshare_user_and_net: unshare(CLONE_NEWUSER | CLONE_NEWNET, true),
  setns_uts: setns('uts', CLONE_NEWUTS, nsAll),
  setns_net: setns('net', CLONE_NEWNET, nsAll),
  setns_mnt: setns('mnt', CLONE_NEWNS, nsAll),
  setns_user: setns('user', CLONE_NEWUSER, nsUser),
  setns_pidfd: (world) => {
    const f = world.sys.pidfd_open(world.kid(0, nsAll), 0)
    return () => world.sys.setns(f, CLONE_NEWUTS | CLONE_NEWIPC)
  },
  setns_user_dac: setns('uts', CLONE_NEWUTS, nsAll, true),
  open_ns_file: (world) => {
    const path = `/proc/${world.kid(0, nsAll)}/ns/net`
    return () => world.sys.openat(AT_FDCWD, path, O_RDONLY, 0)
  },
  sethostname_: (world) => {
    world.sys.unshare(CLONE_NEWUTS)
    return () => world.sys.sethostname('h', 1)
  },
  sethostname_user: (world) => {
    world.user()
    return () => world.sys.sethostname('h', 1)
  },
}
