/** Programs on control groups by bpf(2): whose calls they decide, beside what they may stand, and when they go. */
import * as abi from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { Kstat } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { bootBpf, bytes32, exit, insn, returning } from './syscall-world.ts'

const name = (rc: number): string => (rc >= 0 ? 'OK' : abi.errnoName(rc))
const { BPF_F_ALLOW_MULTI: MULTI, BPF_F_ALLOW_OVERRIDE: OVERRIDE, BPF_F_REPLACE: REPLACE, BPF_F_BEFORE: BEFORE } = abi
const EFFECTIVE = abi.BPF_F_QUERY_EFFECTIVE
/** `w1 = (u32)retval; call bpf_set_retval(-N); r0 = 0; exit`: refuses with an errno of its own. */
const refusing = (errno: number): Uint8Array => Uint8Array.from([
  ...insn(0xb7, 1, 0, 0, -errno), ...insn(0x85, 0, 0, 0, abi.BPF_FUNC_set_retval), ...insn(0xb7, 0, 0, 0, 0), ...exit,
])

/** Groups a and a/b, and a task in each and in the root. */
const setUp = () => {
  const world = bootBpf()
  const { sys, init, call, program, fork } = world
  const at = (group: string): string => `/sys/fs/cgroup/${group}`
  const group = (place: string): number => {
    sys.mkdir(init, at(place), 0o755)
    return sys.openat(init, abi.AT_FDCWD, at(place), abi.O_RDONLY, 0)
  }
  const groups = { root: group('.'), a: group('a'), b: group('a/b') }
  const tasks = { root: fork(), a: fork(), b: fork() }
  for (const [place, task] of [['a', tasks.a], ['a/b', tasks.b]] as const) {
    const fd = sys.openat(init, abi.AT_FDCWD, `${at(place)}/cgroup.procs`, abi.O_WRONLY, 0)
    sys.write(init, fd, new TextEncoder().encode(String(task.pid)))
  }
  const load = (insns = returning(0), hook = 'file_open'): number => program(
    abi.BPF_PROG_TYPE_LSM, abi.BPF_LSM_CGROUP,
    { insns, insn_cnt: insns.length / 8, attach_btf_id: vmlinuxBtf().find(`bpf_lsm_${hook}`, 'func') },
  )
  const attach = (target_fd: number, attach_bpf_fd: number, attach_flags = 0, more = {}): string =>
    name(call(abi.BPF_PROG_ATTACH, {
      target_fd, attach_bpf_fd, attach_type: abi.BPF_LSM_CGROUP, attach_flags, ...more,
    }))
  const detach = (target_fd: number, attach_bpf_fd: number): string =>
    name(call(abi.BPF_PROG_DETACH, { target_fd, attach_bpf_fd, attach_type: abi.BPF_LSM_CGROUP }))
  const link = (target_fd: number, prog_fd: number, flags = 0, relative = 0): number =>
    call(abi.BPF_LINK_CREATE, {
      target_fd, prog_fd, attach_type: abi.BPF_LSM_CGROUP, flags, target_btf_id: relative,
    })
  const query = (target_fd: number, query_flags = 0): number[] | string => {
    const attr = {
      target_fd, attach_type: abi.BPF_LSM_CGROUP, query_flags, prog_cnt: 8, prog_ids: Array<number>(8).fill(0),
      prog_attach_flags: query_flags === 0 ? Array<number>(8).fill(0) : null,
    }
    const rc = call(abi.BPF_PROG_QUERY, attr)
    return rc < 0 ? name(rc) : attr.prog_ids.slice(0, attr.prog_cnt)
  }
  const opens = (): string[] => [tasks.root, tasks.a, tasks.b].map((task) => {
    const fd = sys.openat(task, abi.AT_FDCWD, '/dev/null', abi.O_RDONLY, 0)
    if (fd >= 0) sys.close(task, fd)
    return name(fd)
  })
  return { ...world, ...groups, tasks, at, load, attach, detach, link, query, opens }
}

test('a program decides for its group and those below, until it is detached', () => {
  const { a, load, attach, detach, opens, query, b } = setUp()
  const program = load()
  expect([attach(a, program), ...opens()]).toEqual(['OK', 'OK', 'EPERM', 'EPERM'])
  expect([query(a), query(b), query(b, EFFECTIVE)]).toEqual([[1], [], [1]])
  expect([detach(a, program), detach(a, program), ...opens()]).toEqual(['OK', 'ENOENT', 'OK', 'OK', 'OK'])
})

test('links hold their programs, which may be exchanged, and are left with no group when it goes', () => {
  const { a, b, load, link, call, sys, init, opens, at, tasks, text, ids } = setUp()
  const link_fd = link(a, load())
  expect(opens()).toEqual(['OK', 'EPERM', 'EPERM'])
  const new_prog_fd = load(refusing(abi.EROFS))
  const old_prog_fd = load()
  expect([
    name(call(abi.BPF_LINK_UPDATE, { link_fd, new_prog_fd, flags: REPLACE, old_prog_fd })),
    name(call(abi.BPF_LINK_UPDATE, { link_fd, new_prog_fd: load(returning(0), 'task_alloc') })),
    name(call(abi.BPF_LINK_UPDATE, { link_fd, new_prog_fd })), ...opens(),
  ]).toEqual(['EPERM', 'ENOENT', 'OK', 'OK', 'EROFS', 'EROFS'])
  const info: Record<string, unknown> = {}
  call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: link_fd, info })
  expect(info).toMatchObject({ type: abi.BPF_LINK_TYPE_CGROUP, attach_type: abi.BPF_LSM_CGROUP, prog_id: 2 })
  expect(text(`/proc/self/fdinfo/${link_fd}`)).toContain('link_type:\tcgroup\n')
  expect(text(`/proc/self/fdinfo/${link_fd}`)).toContain(`cgroup_id:\t${String(info.cgroup_id)}\nattach_type:\t43\n`)
  for (const task of [tasks.a, tasks.b]) sys.exit_group(task, 0)
  for (const fd of [a, b]) sys.close(init, fd)
  sys.rmdir(init, at('a/b'))
  sys.rmdir(init, at('a'))
  expect(name(call(abi.BPF_LINK_UPDATE, { link_fd, new_prog_fd }))).toBe('ENOLINK')
  call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: link_fd, info })
  expect(info.cgroup_id).toBe(0)
  sys.close(init, link_fd)
  expect(ids(abi.BPF_LINK_GET_NEXT_ID)).toEqual([])
})

test('BPF_LINK_DETACH lets the group go, and the link stays', () => {
  const { a, load, link, call, opens } = setUp()
  const link_fd = link(a, load())
  expect([name(call(abi.BPF_LINK_DETACH, { link_fd })), ...opens()]).toEqual(['OK', 'OK', 'OK', 'OK'])
  expect(name(call(abi.BPF_LINK_DETACH, { link_fd }))).toBe('OK')
})

describe('what may stand beside what', () => {
  test('one alone, replaced by another, and nothing below', () => {
    const { a, b, load, attach, opens, query } = setUp()
    expect([attach(a, load()), attach(a, load(returning(1))), query(a), attach(b, load())])
      .toEqual(['OK', 'OK', [2], 'EPERM'])
    expect([attach(a, load(), MULTI), attach(a, load(), OVERRIDE)]).toEqual(['EPERM', 'EPERM'])
    expect(opens()).toEqual(['OK', 'OK', 'OK'])
  })

  test('one that yields to those of groups below', () => {
    const { a, b, load, attach, opens, query } = setUp()
    expect([attach(a, load(), OVERRIDE), attach(b, load(returning(1)))]).toEqual(['OK', 'OK'])
    expect([...opens(), query(b, EFFECTIVE)]).toEqual(['OK', 'EPERM', 'OK', [2]])
  })

  test('many: each once, the nearest first, and one may take the place of another', () => {
    const { a, b, load, attach, opens, query } = setUp()
    const [first, second, third] = [load(refusing(abi.EROFS)), load(refusing(abi.EIO)), load()]
    expect([attach(a, first, MULTI), attach(a, first, MULTI), attach(a, third, MULTI)]).toEqual(['OK', 'EINVAL', 'OK'])
    expect([attach(b, second, MULTI), query(b, EFFECTIVE), ...opens()])
      .toEqual(['OK', [2, 1, 3], 'OK', 'EROFS', 'EROFS'])
    const replace = (replace_bpf_fd: number): string =>
      attach(a, load(returning(1)), MULTI | REPLACE, { replace_bpf_fd })
    expect([replace(second), replace(first), query(a), ...opens()])
      .toEqual(['ENOENT', 'OK', [5, 3], 'OK', 'EPERM', 'EIO'])
  })

  test('those that are to be first, groups above before those below', () => {
    const { a, b, load, attach, query, opens } = setUp()
    attach(a, load(refusing(abi.EROFS)), MULTI)
    attach(a, load(refusing(abi.EIO)), MULTI | abi.BPF_F_PREORDER)
    attach(b, load(refusing(abi.ENXIO)), MULTI | abi.BPF_F_PREORDER)
    expect(query(b, EFFECTIVE)).toEqual([2, 3, 1])
    expect(opens()).toEqual(['OK', 'EROFS', 'EROFS'])
  })

  test('links in an order', () => {
    const { a, load, link, query } = setUp()
    const [first, second] = [link(a, load()), link(a, load(), BEFORE)]
    expect([first, second, query(a)].slice(2)).toEqual([[2, 1]])
    expect(name(link(a, load(), abi.BPF_F_AFTER | abi.BPF_F_LINK, second))).toBe('OK')
    expect(query(a)).toEqual([2, 3, 1])
    expect([
      link(a, load(), BEFORE | abi.BPF_F_AFTER), link(a, load(), abi.BPF_F_LINK, second),
      link(a, load(), abi.BPF_F_AFTER | abi.BPF_F_LINK, 999), link(a, load(), MULTI),
    ].map(name)).toEqual(['EINVAL', 'EINVAL', 'EBADF', 'EINVAL'])
  })

  test('flags that mean nothing', () => {
    const { a, load, attach } = setUp()
    expect([
      attach(a, load(), MULTI | OVERRIDE), attach(a, load(), REPLACE), attach(a, load(), MULTI | REPLACE | BEFORE),
      attach(a, load(), MULTI, { expected_revision: 7 }), attach(99, load()), attach(a, 99),
    ]).toEqual(['EINVAL', 'EINVAL', 'EINVAL', 'ESTALE', 'EBADF', 'EBADF'])
    expect([attach(a, load(), MULTI, { expected_revision: 1 }), attach(a, load(), MULTI | BEFORE)])
      .toEqual(['OK', 'OK'])
  })

  test('no more than ten hooks at a time', () => {
    const { a, load, attach, detach } = setUp()
    const hooks = [
      'file_open', 'inode_mkdir', 'inode_rmdir', 'inode_link', 'inode_symlink', 'inode_unlink', 'inode_rename',
      'inode_readlink', 'inode_mknod', 'inode_create', 'inode_setattr',
    ]
    const programs = hooks.map((hook) => load(returning(1), hook))
    expect(programs.map((program) => attach(a, program))).toEqual([...Array<string>(10).fill('OK'), 'EINVAL'])
    expect([detach(a, programs[3]!), attach(a, programs[10]!)]).toEqual(['OK', 'OK'])
  })
})

test('programs that nothing here runs are refused, not kept in silence', () => {
  const { a, program, call } = setUp()
  const attach_type = abi.BPF_CGROUP_INET_EGRESS
  const attach_bpf_fd = program(abi.BPF_PROG_TYPE_CGROUP_SKB, attach_type)
  expect([
    call(abi.BPF_PROG_ATTACH, { target_fd: a, attach_bpf_fd, attach_type }),
    call(abi.BPF_LINK_CREATE, { target_fd: a, prog_fd: attach_bpf_fd, attach_type }),
    call(abi.BPF_PROG_DETACH, { target_fd: a, attach_bpf_fd, attach_type }),
    call(abi.BPF_PROG_QUERY, { target_fd: a, attach_type }),
  ].map(name)).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'ENOENT', 'OK'])
})

test('a program knows the group of the task by the number of its directory', () => {
  const { a, load, attach, opens, sys, init, at } = setUp()
  const stat = new Kstat()
  sys.stat(init, at('a/b'), stat)
  /** `r0 = bpf_get_current_cgroup_id() != a/b`. */
  const only = Uint8Array.from([
    ...insn(0x85, 0, 0, 0, abi.BPF_FUNC_get_current_cgroup_id), ...insn(0xbf, 1, 0, 0, 0), ...insn(0xb7, 0, 0, 0, 1),
    ...insn(0x55, 1, 0, 1, stat.ino), ...insn(0xb7, 0, 0, 0, 0), ...exit,
  ])
  expect([attach(a, load(only)), ...opens()]).toEqual(['OK', 'OK', 'OK', 'EPERM'])
})

test('groups in maps: an array of them by descriptor, and what is kept beside one', () => {
  const { a, b, load, attach, opens, map, element, program } = setUp()
  const groups = map(abi.BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2)
  const [index, null_fd] = [bytes32(0), program(abi.BPF_PROG_TYPE_SOCKET_FILTER)]
  const update = (fd: number, at = 0): string =>
    name(element(abi.BPF_MAP_UPDATE_ELEM, groups, bytes32(at), bytes32(fd)))
  expect([update(b), update(b, 2), update(null_fd), update(99)]).toEqual(['OK', 'E2BIG', 'EBADF', 'EBADF'])
  expect(name(element(abi.BPF_MAP_LOOKUP_ELEM, groups, index, new Uint8Array(4)))).toBe('ENOTSUPP')
  /** `r0 = bpf_current_task_under_cgroup(map, 0) == 0`. */
  const outside = Uint8Array.from([
    ...insn(0x18, 1, 1, 0, groups), ...insn(0, 0, 0, 0, 0), ...insn(0xb7, 2, 0, 0, 0),
    ...insn(0x85, 0, 0, 0, abi.BPF_FUNC_current_task_under_cgroup), ...insn(0xbf, 1, 0, 0, 0),
    ...insn(0xb7, 0, 0, 0, 1), ...insn(0x15, 1, 0, 1, 0), ...insn(0xb7, 0, 0, 0, 0), ...exit,
  ])
  expect([attach(a, load(outside)), ...opens()]).toEqual(['OK', 'OK', 'OK', 'EPERM'])
  expect([name(element(abi.BPF_MAP_DELETE_ELEM, groups, index, null)), ...opens()])
    .toEqual(['OK', 'OK', 'EPERM', 'EPERM'])
})

/** Types `int` of four bytes (1) and `long` of eight (2). */
const twoInts = (): Uint8Array => {
  const names = new TextEncoder().encode('\0int\0long\0')
  const types = [[1, 0x01000000, 4, 32], [5, 0x01000000, 8, 64]].flat()
  const head = [0x0001eb9f, 24, 0, types.length * 4, types.length * 4, names.length]
  return Uint8Array.from([...bytes32(...head, ...types), ...names])
}

test('a value kept beside a group is had by the descriptor of its directory', () => {
  const { a, b, call, map, element } = setUp()
  const btf_fd = call(abi.BPF_BTF_LOAD, { btf: twoInts(), btf_size: twoInts().length })
  const types = { btf_fd, btf_key_type_id: 1, btf_value_type_id: 2 }
  const storage = map(abi.BPF_MAP_TYPE_CGRP_STORAGE, 4, 8, 0, abi.BPF_F_NO_PREALLOC, types)
  const lookup = (fd: number): string | number => {
    const value = new Uint8Array(8)
    const rc = element(abi.BPF_MAP_LOOKUP_ELEM, storage, bytes32(fd), value)
    return rc < 0 ? name(rc) : value[0]!
  }
  expect(name(element(abi.BPF_MAP_UPDATE_ELEM, storage, bytes32(a), bytes32(7, 0)))).toBe('OK')
  expect([lookup(a), lookup(b), lookup(storage), lookup(99)]).toEqual([7, 'ENOENT', 'EBADF', 'EBADF'])
  expect([name(element(abi.BPF_MAP_DELETE_ELEM, storage, bytes32(a), null)), lookup(a)]).toEqual(['OK', 'ENOENT'])
})
