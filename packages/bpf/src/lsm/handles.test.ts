/** Objects that programs point to: one handle for a life or for a run, and nothing left when they end. */
import { readFileSync } from 'node:fs'
import { EACCES, FMODE_BACKING } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Dentry, Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { arrayOf, objectOf, program } from '../testing/text-program.ts'
import { kernelStructs } from '../vmlinux/index.ts'
import { BpfCore } from './bpf-core.ts'
import type { BpfOptions } from './bpf-core.ts'
import { loadObject } from './bpf-lsm.ts'

const at = (struct: string, member: string): number => kernelStructs()[struct]!.fields[member]!.offset

/** A stack with a program of that text on a hook, and what is behind it. */
const machine = (text: string, section = 'lsm/file_open', options: BpfOptions = {}, lsms: readonly Lsm[] = []) => {
  const core = new BpfCore(options)
  const own = defineLsm({
    name: 'own',
    abi: '1.0',
    hooks: (context) => {
      core.context = context
      return {}
    },
  })
  const stack = createStack({ lsms: [capability(), own, ...lsms] })
  const loaded = loadObject(core, stack, { ...objectOf(program('p', text, section)), maps: [arrayOf(4)] }, {})
  loaded.attachAll()
  const { objects, current: { task: { cred } } } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, cred.user_ns)
  const inode = () => objects.inode(0o100644, sb, 7)
  const root = objects.dentry({ name: '/', len: 1 }, sb)
  const file = (of = inode(), dentry: Dentry = root) =>
    objects.file(1, 0, { mnt: { mnt_root: root, mnt_sb: sb, mnt_flags: 64 } as never, dentry }, of, cred)
  const map = (index: number) => loaded.maps.get('map')!.get(index)
  return { core, stack, objects, loaded, sb, root, inode, file, map }
}

/** Leaves r6 in the map, at an index. */
const keep = (index: number): string => `*(u32 *)(r10 -4) = ${index}
r1 = map[0]
r2 = r10
r2 += -4
call bpf_map_lookup_elem
if r0 == 0 goto out
*(u64 *)(r0 +0) = r6
`
const OUT = 'out:\nr0 = 0\nexit'
const INODE = `r6 = *(u64 *)(r1 +0)\nr6 = *(u64 *)(r6 +${at('file', 'f_inode')})\n`

describe.each(['jit', 'interpreter'] as const)('on the %s', (engine) => {
  test('an inode has one handle for its life, which leads nowhere after it', () => {
    const m = machine(`${INODE}${keep(0)}${OUT}`, 'lsm/file_open', { engine })
    const [one, other] = [m.inode(), m.inode()]
    const handleOf = (inode: typeof one) => {
      m.stack.lsm.file_open.ask(m.file(inode))
      return m.map(0)
    }
    const [first, second] = [handleOf(one), handleOf(other)]
    expect([handleOf(one), handleOf(other), first === second]).toEqual([first, second, false])
    expect(m.core.objects.objectAt(Number(first))).toBe(one)
    m.stack.lsm.inode_free_security.tell(one)
    expect(m.core.objects.objectAt(Number(first))).toBeNull()
    expect(m.core.objects.load(Number(first) + at('inode', 'i_ino'), 0, 8)).toBe(0)
    const third = m.inode()
    expect(m.core.objects.objectAt(Number(handleOf(third))) === third).toBe(true)
  })

  test('a hundred thousand files leave nothing', () => {
    const m = machine(`r6 = *(u64 *)(r1 +0)\n${keep(0)}${OUT}`, 'lsm/file_open', { engine })
    const inode = m.inode()
    for (let left = engine === 'jit' ? 100_000 : 10_000; left > 0; left--) {
      const file = m.file(inode)
      m.stack.lsm.file_open.ask(file)
      m.stack.lsm.file_free_security.tell(file)
    }
    expect([m.core.objects.count, m.core.objects.slots.length]).toEqual([0, 2])
  })

  test('walked dentries leave nothing; where the program keeps one, a few of them for a while', () => {
    const walk = (end: string) => `r7 = *(u64 *)(r1 +0)
r6 = *(u64 *)(r7 +${at('file', 'f_path') + 8})
r8 = 8
l:
r6 = *(u64 *)(r6 +${at('dentry', 'd_parent')})
r8 += -1
if r8 != 0 goto l
${end}${OUT}`
    const m = machine(walk(''), 'lsm/file_open', { engine })
    const keeping = machine(walk(keep(0)), 'lsm/file_open', { engine })
    let deep: Dentry = m.root
    for (let depth = 0; depth < 8; depth++) {
      const below: Dentry = m.objects.dentry({ name: 'd', len: 1 }, m.sb)
      below.d_parent = deep
      deep = below
    }
    const file = m.file(m.inode(), deep)
    for (let time = 0; time < 1000; time++) m.stack.lsm.file_open.ask(file)
    m.stack.lsm.file_free_security.tell(file)
    expect([m.core.objects.count, (m.root as unknown as { handle: number }).handle]).toEqual([0, 0])

    const inode = keeping.inode()
    const open = (dentry: Dentry) => keeping.stack.lsm.file_open.ask(keeping.file(inode, dentry))
    open(keeping.root)
    const first = keeping.map(0)
    expect(keeping.core.objects.objectAt(Number(first))).toBe(keeping.root)
    open(keeping.root)
    expect(keeping.map(0)).toBe(first)
    for (let time = 0; time < 5000; time++) open(keeping.objects.dentry({ name: 'd', len: 1 }, keeping.sb))
    expect(keeping.core.objects.objectAt(Number(first))).not.toBe(keeping.root)
  })

  test('an allocation that is refused ends the handle', () => {
    const refusing = defineLsm({ name: 'refusing', abi: '1.0', hooks: { file_alloc_security: () => -EACCES } })
    const text = `r6 = *(u64 *)(r1 +0)\n${keep(0)}${OUT}`
    const m = machine(text, 'lsm/file_alloc_security', { engine }, [refusing])
    expect(m.stack.lsm.file_alloc_security.ask(m.file())).toBe(-EACCES)
    expect(m.core.objects.count).toBe(0)
  })

  test('a backing file ends when its backing does', () => {
    const m = machine(`r6 = *(u64 *)(r1 +0)\n${keep(0)}${OUT}`, 'lsm/file_open', { engine })
    const file = m.file()
    file.f_mode |= FMODE_BACKING
    m.stack.lsm.file_open.ask(file)
    m.stack.lsm.file_free_security.tell(file)
    expect(m.core.objects.count).toBe(1)
    m.stack.lsm.backing_file_free?.tell(file)
    expect(m.core.objects.count).toBe(0)
  })

  test('container_of, a part of an object, text: an address finds the object it points into', () => {
    const text = `r7 = *(u64 *)(r1 +0)
r6 = *(u64 *)(r7 +${at('file', 'f_path')})
r3 = r6
r3 += -${at('mount', 'mnt')}
r3 += ${at('mount', 'mnt_devname')}
r1 = r10
r1 += -16
r2 = 8
call bpf_probe_read_kernel
r3 = *(u64 *)(r10 -16)
r1 = r10
r1 += -8
r2 = 8
call bpf_probe_read_kernel_str
r6 = *(u64 *)(r10 -8)
r1 = r10
r1 += -32
*(u64 *)(r1 +0) = r6
${keep(0)}${OUT}`
    const m = machine(text, 'lsm/file_open', { engine })
    const file = m.file()
    Object.assign(file.f_path.mnt, { mnt_devname: 'sda1' })
    m.stack.lsm.file_open.ask(file)
    expect(m.map(0)).toBe(BigInt(Buffer.from('sda1\0\0\0\0').readBigUInt64LE()))
  })
})

test('a program that is stopped on its hook gives the machine back', () => {
  const loop = `call bpf_get_prandom_u32
r8 = 5000
l:
r8 += -1
if r8 != 0 goto l
r0 = 0
exit`
  const m = machine(loop, 'lsm/file_open', { budget: 1000 })
  const { machine: vm } = m.core.programBuilder
  const before = [vm.stack, vm.fuel, vm.tails]
  expect([m.stack.lsm.file_open.ask(m.file()), m.core.faults]).toEqual([-EACCES, 1])
  expect([vm.stack, vm.fuel, vm.tails]).toEqual(before)
})

test('the deflector needs no handle: what it looks at is read before it runs', () => {
  const object = new Uint8Array(readFileSync(new URL('../../objects/deflector.o', import.meta.url)))
  const core = new BpfCore({})
  const stack = createStack({ lsms: [capability()] })
  const loaded = loadObject(core, stack, object, {})
  const forms = (name: string) => loaded.program(name).loads.map(({ member, form }) => `${form} ${member}`)
  expect(forms('deflect_open')).toEqual(['ahead file.f_mode', 'none file.f_inode', 'ahead inode.i_mode'])
  expect(forms('deflect_exec')).toEqual([
    'none linux_binprm.file', 'none file.mnt', 'ahead mount.mnt_flags', 'none mount.mnt_sb',
    'ahead super_block.s_flags',
  ])
})

test('a walk goes from object to object, and a pointer that is kept has a handle', () => {
  const walk = `r6 = *(u64 *)(r1 +0)
r7 = *(u64 *)(r6 +${at('file', 'f_path') + 8})
r8 = 32
l:
r7 = *(u64 *)(r7 +${at('dentry', 'd_parent')})
r8 += -1
if r8 != 0 goto l
r0 = *(u32 *)(r7 +${at('dentry', 'd_flags')})
r0 = 0
exit`
  const forms = (text: string) => machine(text).loaded.program('p').loads.map(({ form }) => form)
  expect(forms(walk)).toEqual(['ahead', 'object', 'object'])
  expect(forms(`${INODE}${keep(0)}${OUT}`)).toEqual(['ahead'])
  expect(forms(`r6 = *(u64 *)(r1 +0)\n*(u64 *)(r10 -8) = r6\nr7 = *(u64 *)(r10 -8)
r8 = *(u32 *)(r7 +${at('file', 'f_flags')})\n${OUT}`)).toEqual(['handle'])
})
