/** Tokens: what a bpffs of a user namespace lets its users do, and what LSMs may say to that (kernel/bpf/token.c). */
import * as abi from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootBpf } from './syscall-world.ts'

const name = (rc: number): string => (rc >= 0 ? 'OK' : abi.errnoName(rc))
const { BPF_F_TOKEN_FD, BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_XDP } = abi

/** A task in a user namespace of its own, with a token of a bpffs that the administrator gave these options. */
const inNamespace = (delegates: Readonly<Record<string, string>>, lsms: readonly Lsm[] = []) => {
  const world = bootBpf(lsms)
  const { sys, init, fork } = world
  const task = fork()
  world.as(task)
  expect(sys.unshare(task, abi.CLONE_NEWUSER | abi.CLONE_NEWNS)).toBe(0)
  const context = sys.fsopen(task, 'bpf', 0)
  const theirs = sys.pidfd_getfd(init, sys.pidfd_open(init, task.pid, 0), context, 0)
  for (const [key, value] of Object.entries(delegates)) {
    expect(sys.fsconfig(init, theirs, abi.FSCONFIG_SET_STRING, key, value, 0)).toBe(0)
  }
  expect(sys.fsconfig(init, theirs, abi.FSCONFIG_CMD_CREATE, null, null, 0)).toBe(0)
  const mount = sys.fsmount(task, context, 0, 0)
  const bpffs_fd = sys.openat(task, mount, '.', abi.O_RDONLY | abi.O_DIRECTORY, 0)
  const token = () => world.call(abi.BPF_TOKEN_CREATE, { bpffs_fd })
  return { ...world, task, context, token }
}

const all = { delegate_cmds: 'any', delegate_maps: 'any', delegate_progs: 'any', delegate_attachs: 'any' }

test('nobody but the administrator delegates', () => {
  const { sys, fork } = bootBpf()
  const task = fork()
  sys.unshare(task, abi.CLONE_NEWUSER | abi.CLONE_NEWNS)
  const context = sys.fsopen(task, 'bpf', 0)
  expect(name(sys.fsconfig(task, context, abi.FSCONFIG_SET_STRING, 'delegate_cmds', 'any', 0))).toBe('EPERM')
  expect(name(sys.fsconfig(task, context, abi.FSCONFIG_CMD_CREATE, null, null, 0))).toBe('EPERM')
})

test('a mount that delegates nothing gives no token', () => {
  expect(name(inNamespace({}).token())).toBe('ENOENT')
})

test('with a token maps are made and programs loaded, without it neither', () => {
  const { token, map, program, call, text, panics } = inNamespace(all)
  const fd = token()
  const load = (type: number) => name(program(type, 0, { prog_flags: BPF_F_TOKEN_FD, prog_token_fd: fd }))
  expect([name(map(2, 4, 8, 4)), name(program(BPF_PROG_TYPE_SOCKET_FILTER))]).toEqual(['EPERM', 'EPERM'])
  expect(name(map(2, 4, 8, 4, BPF_F_TOKEN_FD, { map_token_fd: fd }))).toBe('OK')
  expect([load(BPF_PROG_TYPE_SOCKET_FILTER), load(BPF_PROG_TYPE_XDP)]).toEqual(['OK', 'OK'])
  expect(name(call(abi.BPF_PROG_GET_NEXT_ID, {}))).toBe('EPERM')
  expect(text(`/proc/self/fdinfo/${fd}`)).toContain(
    'allowed_cmds:\tany\nallowed_maps:\tany\nallowed_progs:\tany\nallowed_attachs:\tany\n')
  expect(panics).toEqual([])
})

test('what the mount does not delegate, the token does not allow', () => {
  const { token, map, program } = inNamespace({ ...all, delegate_maps: 'hash', delegate_progs: 'socket_filter' })
  const fd = token()
  const create = (type: number) => name(map(type, 4, 8, 4, BPF_F_TOKEN_FD, { map_token_fd: fd }))
  const load = (type: number) => name(program(type, 0, { prog_flags: BPF_F_TOKEN_FD, prog_token_fd: fd }))
  expect([create(abi.BPF_MAP_TYPE_HASH), create(abi.BPF_MAP_TYPE_ARRAY)]).toEqual(['OK', 'EPERM'])
  expect([load(BPF_PROG_TYPE_SOCKET_FILTER), load(BPF_PROG_TYPE_XDP)]).toEqual(['OK', 'EPERM'])
})

test('hooks: on the token, its command, its capabilities; told when the last user of it is gone', () => {
  const told: string[] = []
  let refused = ''
  const ask = (hook: string) => () => {
    told.push(hook)
    return hook === refused ? -abi.EACCES : 0
  }
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    hooks: {
      bpf_token_create: ask('bpf_token_create'),
      bpf_token_cmd: ask('bpf_token_cmd'),
      bpf_token_capable: ask('bpf_token_capable'),
      bpf_token_free: () => void told.push('bpf_token_free'),
    },
  })
  const { token, map, sys, task, panics } = inNamespace(all, [watcher])
  const create = (fd: number) => name(map(1, 4, 8, 4, BPF_F_TOKEN_FD, { map_token_fd: fd }))
  refused = 'bpf_token_create'
  expect(name(token())).toBe('EACCES')
  refused = ''
  const fd = token()
  told.length = 0
  expect(create(fd)).toBe('OK')
  expect(told).toEqual(['bpf_token_cmd', 'bpf_token_capable'])
  refused = 'bpf_token_cmd'
  expect(create(fd)).toBe('EPERM')
  refused = 'bpf_token_capable'
  expect(create(fd)).toBe('EPERM')
  told.length = 0
  sys.close(task, fd)
  expect(told).toEqual(['bpf_token_free'])
  expect(panics).toEqual([])
})
