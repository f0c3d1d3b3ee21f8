/** Objects on a running kernel: loaded, attached, asked, replaced, taken off again. */
import { readFileSync } from 'node:fs'
import {
  BPF_MAP_TYPE_INODE_STORAGE, BPF_MAP_TYPE_TASK_STORAGE, EACCES, EPERM, O_RDONLY, O_RDWR, O_WRONLY,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import type { StorageMap } from '../maps/storage-map.ts'
import { bpf } from './bpf-lsm.ts'
import type { BpfOptions } from './bpf-lsm.ts'

const object = (name: string) => new Uint8Array(readFileSync(new URL(`../../objects/${name}.o`, import.meta.url)))

/** A stack and enough of a file on it, made by memory-backed factories. */
const machine = (options: BpfOptions = {}) => {
  const programs = bpf(options)
  const stack = createStack({ lsms: [capability(), programs] })
  const { objects, current } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, current.task.cred.user_ns)
  const inode = objects.inode(0o100755, sb, 12)
  const dentry = objects.dentry({ name: 'tool' } as never, sb)
  dentry.d_inode = inode
  const mnt = { mnt_root: dentry, mnt_sb: sb, mnt_flags: 0 }
  const open = (flags: number, mode: number) =>
    objects.file(mode, flags, { mnt, dentry } as never, inode, current.task.cred)
  return { programs, stack, sb, inode, mnt, open }
}

const FMODE_READ = 1
const FMODE_WRITE = 2

describe.each(['jit', 'interpreter'] as const)('on the %s', (engine) => {
  test('the deflector refuses writes to executables, and its map counts them', () => {
    const { programs, stack, inode, open } = machine({ engine })
    const loaded = programs.load(stack, object('deflector'))
    const ask = (flags: number, mode: number) => stack.lsm.file_open.ask(open(flags, mode))
    expect(ask(O_WRONLY, FMODE_WRITE)).toBe(0)
    const links = loaded.attachAll()
    expect(ask(O_WRONLY, FMODE_WRITE)).toBe(-EPERM)
    expect(ask(O_RDWR, FMODE_READ | FMODE_WRITE)).toBe(-EPERM)
    expect(ask(O_RDONLY, FMODE_READ)).toBe(0)
    inode.i_mode = 0o100644
    expect(ask(O_WRONLY, FMODE_WRITE)).toBe(0)
    expect(loaded.maps.get('denials')!.get(1)).toBe(2n)
    for (const link of links) link.detach()
    inode.i_mode = 0o100755
    expect(ask(O_WRONLY, FMODE_WRITE)).toBe(0)
    expect(programs.faults).toBe(0)
  })

  test('a rule is put in force from outside, and the program follows pointers to plain objects of the kernel', () => {
    const { programs, stack, mnt, open } = machine({ engine })
    const loaded = programs.load(stack, object('deflector'))
    loaded.attachAll()
    const file = open(O_RDONLY, FMODE_READ)
    const { cred } = stack.current.task
    const bprm = { file, cred, mm: null, filename: '/tool', interp: '/tool', secureexec: false }
    const exec = () => stack.lsm.bprm_check_security.ask(bprm as never)
    expect(exec()).toBe(0)
    loaded.maps.get('.data')!.set(0, Uint8Array.of(2, 0, 0, 0))
    expect(exec()).toBe(-EACCES)
    mnt.mnt_flags = 0x40
    expect(exec()).toBe(0)
  })

  test('the detector tells of opens through its ring', () => {
    const { programs, stack, open } = machine({ engine })
    const loaded = programs.load(stack, object('detector'))
    loaded.attachAll()
    stack.current.task.comm = 'probe'
    expect(stack.lsm.file_open.ask(open(O_RDONLY, FMODE_READ))).toBe(0)
    const ring = loaded.maps.get('events')!.map as unknown as { consume(): Uint8Array[] }
    const [record] = ring.consume()
    const text = (from: number, to: number) => new TextDecoder().decode(record!.subarray(from, to)).replace(/\0.*$/s, '')
    expect(text(16, 32)).toBe('probe')
    expect(text(32, 288)).toMatch(/tool$|^\/$/)
    expect(programs.faults).toBe(0)
  })
})

test('without a program it is told of all the same, as in the kernel', () => {
  expect(createStack({ lsms: [capability(), bpf()] }).names).toEqual(['capability', 'bpf'])
})

test('without a program no hook has anybody more, so that no call can take longer', () => {
  const membersOf = (...lsms: Lsm[]) =>
    createStack({ lsms }).explain().toJSON().hooks.map(({ hook, members }) => [hook, members])
  expect(membersOf(capability(), bpf())).toEqual(membersOf(capability()))
})

test.each([
  { kind: 'task', type: BPF_MAP_TYPE_TASK_STORAGE, free: 'task_free' },
  { kind: 'inode', type: BPF_MAP_TYPE_INODE_STORAGE, free: 'inode_free_security' },
] as const)('what is stored beside one $kind goes with it', ({ kind, type, free }) => {
  const { programs, stack, inode } = machine()
  const { maps } = programs.load(stack, object('witness'), {
    programs: [],
    prepare: (opened) => void Object.assign(opened.maps.find(({ name }) => name === 'beside')!, { type }),
  })
  const beside = maps.get('beside')!
  const owner = kind === 'task' ? stack.current.task : inode
  beside.set(owner, 7)
  expect([beside.get(owner), (beside.map as StorageMap).count]).toEqual([7n, 1])
  stack.lsm[free].tell(owner as never)
  expect((beside.map as StorageMap).count).toBe(0)
})
