/** Operations of hook-trace.tsv: bpf(2). */
import {
  AF_INET, BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_PROG_GET_FD_BY_ID, BPF_PROG_GET_NEXT_ID,
  BPF_PROG_LOAD, BPF_PROG_TEST_RUN, BPF_TOKEN_CREATE, CLONE_NEWNS, CLONE_NEWUSER, FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_STRING, O_DIRECTORY, O_RDONLY, SO_ATTACH_BPF, SOCK_DGRAM, SOL_SOCKET,
} from '@lsmkit/abi'
import { aFilter, anArray } from '../bpf/attr.ts'
import type { Operation, World } from './world.ts'

const mkmap = ({ sys, must }: World): number => must(sys.bpf(BPF_MAP_CREATE, anArray()), 'map')
const mkprog = ({ sys, must }: World): number => must(sys.bpf(BPF_PROG_LOAD, aFilter()), 'program')

/** The root of a bpffs on m, which delegates all commands. */
const bpffs = (world: World): number => {
  world.must(world.sys.mount('b', 'm', 'bpf', 0, 'delegate_cmds=any'), 'mount')
  return world.must(world.sys.open('m', O_RDONLY | O_DIRECTORY, 0), 'm')
}

/** A token of a user namespace: who may delegate does so on the mount that the namespace has begun. */
const token = (world: World): number => {
  const { sys, must } = world
  const helper = world.of(world.taskOf(world.kid(0)))
  must(sys.unshare(CLONE_NEWUSER | CLONE_NEWNS), 'unshare')
  const context = must(sys.fsopen('bpf', 0), 'fsopen')
  const theirs = must(helper.pidfd_getfd(must(helper.pidfd_open(world.task.pid, 0), 'pidfd'), context, 0), 'getfd')
  must(helper.fsconfig(theirs, FSCONFIG_SET_STRING, 'delegate_cmds', 'any', 0), 'delegate')
  must(helper.fsconfig(theirs, FSCONFIG_CMD_CREATE, null, null, 0), 'create')
  const root = must(sys.openat(must(sys.fsmount(context, 0, 0), 'fsmount'), '.', O_RDONLY | O_DIRECTORY, 0), 'root')
  return must(sys.bpf(BPF_TOKEN_CREATE, { bpffs_fd: root }), 'token')
}

export const bpfOperations: Readonly<Record<string, Operation>> = {
  bpf_map_create: ({ sys }) => () => sys.bpf(BPF_MAP_CREATE, anArray()),
  bpf_map_create_user: (world) => {
    world.user()
    return () => world.sys.bpf(BPF_MAP_CREATE, anArray())
  },
  bpf_map_update: (world) => {
    const map_fd = mkmap(world)
    return () => world.sys.bpf(BPF_MAP_UPDATE_ELEM, { map_fd, key: new Uint8Array(4), value: new Uint8Array(8) })
  },
  bpf_map_lookup: (world) => {
    const map_fd = mkmap(world)
    return () => world.sys.bpf(BPF_MAP_LOOKUP_ELEM, { map_fd, key: new Uint8Array(4), value: new Uint8Array(8) })
  },
  bpf_prog_load_bad: ({ sys }) => () => sys.bpf(BPF_PROG_LOAD, { ...aFilter(), insn_cnt: 1 }),
  bpf_prog_get_id: (world) => {
    mkprog(world)
    const attr = {}
    return () => {
      world.sys.bpf(BPF_PROG_GET_NEXT_ID, attr)
      world.sys.bpf(BPF_PROG_GET_FD_BY_ID, attr)
    }
  },
  bpf_test_run: (world) => {
    const prog_fd = mkprog(world)
    return () => world.sys.bpf(BPF_PROG_TEST_RUN, { prog_fd, data_size_in: 64, data_in: new Uint8Array(64) })
  },
  bpf_so_attach: (world) => {
    const [prog, socket] = [mkprog(world), world.sys.socket(AF_INET, SOCK_DGRAM, 0)]
    return () => world.sys.setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, prog, 4)
  },
  bpf_token: (world) => {
    world.mns()
    const bpffs_fd = bpffs(world)
    return () => world.sys.bpf(BPF_TOKEN_CREATE, { bpffs_fd })
  },
  bpf_token_close: (world) => {
    const fd = token(world)
    return () => world.sys.close(fd)
  },
}
