/** The object that ships, asked as a kernel would ask it: no root, no VM, no kernel that has BPF LSM. */
import { readFileSync } from 'node:fs'
import { EPERM, FMODE_READ, FMODE_WRITE, S_IFREG } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { openObject } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { ask, buildersFor, extendExpect } from '@lsmkit/testkit'
import { expect as plainExpect, test } from 'vitest'

const expect = extendExpect(plainExpect)

const object = readFileSync(new URL('../no-exec-writable.o', import.meta.url))

test('the verifier of Linux 6.12 takes it', () => {
  const kernelBtf = vmlinuxBtf()
  const opened = openObject(object, { name: 'no-exec-writable.o', kernelBtf })
  expect(opened.programs.map(({ section }) => section)).toEqual(['lsm/file_open'])
  for (const program of opened.programs) {
    const { ok, log } = verify(program, { object: opened, kernelBtf })
    expect(ok, log).toBe(true)
  }
})

const loaded = () => {
  const lsm = bpf()
  const stack = createStack({ lsms: [capability(), lsm] })
  const programs = lsm.load(stack, object, { name: 'no-exec-writable.o' })
  programs.attachAll()
  const { aTask, aFile, anInode } = buildersFor(stack)
  stack.current.task = aTask({ uid: 1000 })
  const open = (mode: number, f_mode: number) =>
    ask(stack, 'file_open', aFile({ inode: anInode({ i_mode: S_IFREG | mode }), f_mode }))
  return { stack, programs, open }
}

test.each([
  { mode: 0o755, f_mode: FMODE_WRITE, denied: true, why: 'an executable is opened for writing' },
  { mode: 0o755, f_mode: FMODE_READ, denied: false, why: 'reading is no harm' },
  { mode: 0o644, f_mode: FMODE_WRITE, denied: false, why: 'nobody can execute it' },
])('$why', ({ mode, f_mode, denied }) => {
  const { open } = loaded()
  if (denied) expect(open(mode, f_mode)).toBeDenied('bpf', EPERM)
  else expect(open(mode, f_mode)).toBeAllowed()
})

test('it counts what it refused, and says nothing once it is off', () => {
  const { programs, open } = loaded()
  open(0o755, FMODE_WRITE)
  open(0o755, FMODE_WRITE)
  expect(programs.maps.get('.bss')!.get(0)).toMatchObject({ refused: 2n })
  programs.unload()
  expect(open(0o755, FMODE_WRITE)).toBeAllowed()
})
