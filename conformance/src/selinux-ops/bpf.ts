/** Operations of selinux-ops.tsv: bpf(2) by `s_t`, on objects of its own and of `kernel_t`. */
import {
  BPF_MAP_CREATE, BPF_MAP_GET_FD_BY_ID, BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_OBJ_GET_INFO_BY_FD,
  BPF_OBJ_PIN, BPF_PROG_GET_FD_BY_ID, BPF_PROG_LOAD, BPF_PROG_TEST_RUN, F_SETFD,
} from '@lsmkit/abi'
import { aFilter, anArray } from '../bpf/attr.ts'
import type { Calls, Operation, World } from './world.ts'

const done = (rc: number): number => Math.min(rc, 0)

/** A descriptor of `kernel_t` that stays open across execve. */
const inherited = ({ root, must }: World, fd: number): number => {
  must(root.fcntl(must(fd, 'bpf'), F_SETFD, 0), 'F_SETFD')
  return fd
}
const map = (world: World): number => inherited(world, world.root.bpf(BPF_MAP_CREATE, anArray()))
const program = (world: World): number => inherited(world, load(world.root))

/** A call on an inherited map of `kernel_t`. */
const onMap = (cmd: number): Operation => (world) => {
  const map_fd = map(world)
  return (sys) => sys.bpf(cmd, { map_fd, key: new Uint8Array(4), value: new Uint8Array(8) })
}

/** Another descriptor of an inherited object, by the number that the first one tells. */
const again = (make: (world: World) => number, cmd: number, name: string): Operation => (world) => {
  const bpf_fd = make(world)
  return (sys) => {
    const info: { id?: number } = {}
    const rc = sys.bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info, info_len: 80 })
    return rc < 0 ? rc : done(sys.bpf(cmd, { [name]: info.id }))
  }
}

const load = (sys: Calls): number => sys.bpf(BPF_PROG_LOAD, aFilter())

export const bpfOperations: Readonly<Record<string, Operation>> = {
  bpf_prog_load: () => (sys) => done(load(sys)),
  bpf_map_update: onMap(BPF_MAP_UPDATE_ELEM),
  bpf_map_lookup: onMap(BPF_MAP_LOOKUP_ELEM),
  bpf_map_getfd: again(map, BPF_MAP_GET_FD_BY_ID, 'map_id'),
  bpf_prog_getfd: again(program, BPF_PROG_GET_FD_BY_ID, 'prog_id'),
  bpf_pin: () => (sys) => {
    const bpf_fd = sys.bpf(BPF_MAP_CREATE, anArray())
    if (bpf_fd < 0) return bpf_fd
    const rc = sys.bpf(BPF_OBJ_PIN, { bpf_fd, pathname: '/sys/fs/bpf/p' })
    return rc < 0 ? rc : sys.unlink('/sys/fs/bpf/p')
  },
  bpf_test_run: () => (sys) => {
    const prog_fd = load(sys)
    if (prog_fd < 0) return prog_fd
    return done(sys.bpf(BPF_PROG_TEST_RUN, { prog_fd, data_size_in: 64, data_in: new Uint8Array(64) }))
  },
}
