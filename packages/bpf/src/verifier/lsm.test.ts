/** Programs on LSM hooks: typed arguments, how far they may be trusted, and what a hook may return. */
import { expect, test } from 'vitest'
import { kernelStructs } from '../vmlinux/index.ts'
import { check, outcome } from './testing/check.ts'

const open = 'lsm/file_open'

test.each([
  ['-EPERM', 'r0 = -1\nexit', 'ok'],
  ['0', 'r0 = 0\nexit', 'ok'],
  ['1', 'r0 = 1\nexit', 'At program exit the register R0 has smin=1 smax=1 should have been in [-4095, 0]'],
  ['-4096', 'r0 = -4096\nexit', 'R0 has smin=-4096 smax=-4096 should have been in [-4095, 0]'],
  ['anything', 'call bpf_get_prandom_u32\nexit', 'should have been in [-4095, 0]'],
  ['an argument', 'r0 = *(u64 *)(r1 +0)\nexit', 'At program exit the register R0 is not a known value (trusted_ptr_)'],
])('an int hook returns %s', (_, code, expected) => {
  expect(outcome({ code, section: open })).toContain(expected)
})

test.each([
  ['a void hook returns anything', 'lsm/inode_free_security', 'call bpf_get_prandom_u32\nexit', 'ok'],
  ['a hook that answers yes or no', 'lsm/inode_xattr_skipcap', 'r0 = 2\nexit', 'should have been in [0, 1]'],
  ['a hook that is closed to programs', 'lsm/getprocattr', 'r0 = 0\nexit',
    'points to disabled hook bpf_lsm_getprocattr'],
  ['a hook that may sleep', 'lsm.s/file_open', 'r0 = 0\nexit', 'ok'],
  ['a hook that may not sleep', 'lsm.s/task_free', 'r0 = 0\nexit', 'bpf_lsm_task_free is not sleepable'],
])('%s (%s)', (_, section, code, expected) => {
  expect(outcome({ code, section })).toContain(expected)
})

test('only programs of a GPL-compatible licence attach', () => {
  expect(outcome({ code: 'r0 = 0\nexit', section: open, license: 'MIT' })).toContain(
    'LSM programs must have a GPL compatible license')
})

test.each([
  ['half a pointer argument', 'r2 = *(u32 *)(r1 +0)\nr0 = 0\nexit', "func 'bpf_lsm_file_open' size 4 must be 8"],
  ['behind the result', 'r2 = *(u64 *)(r1 +16)\nr0 = 0\nexit', "func 'bpf_lsm_file_open' doesn't have 3-th argument"],
  ['a store into the kernel', 'r2 = *(u64 *)(r1 +0)\n*(u32 *)(r2 +0) = 0\nr0 = 0\nexit', 'only read is supported'],
  ['behind the struct', 'r2 = *(u64 *)(r1 +0)\nr3 = *(u64 *)(r2 +4096)\nr0 = 0\nexit',
    'access beyond struct file at off 4096 size 8'],
  ['before the struct', 'r2 = *(u64 *)(r1 +0)\nr3 = *(u64 *)(r2 -8)\nr0 = 0\nexit',
    'R2 is ptr_file invalid negative access: off=-8'],
])('the argument of file_open: %s', (_, code, expected) => {
  expect(outcome({ code, section: open })).toContain(expected)
})

test('it tells which members a program loads', () => {
  const { file, vfsmount } = kernelStructs()
  const path = file!.fields.f_path!.offset
  const mnt = `r2 = *(u64 *)(r1 +0)\nr2 = *(u64 *)(r2 +${path})\n`
  const loads = (code: string) => [...check({ code: `${code}r0 = 0\nexit`, section: open }).aux!.typedLoads]
  expect(loads('')).toEqual([])
  expect(loads(mnt)).toEqual([[1, { struct: 'file', offset: path }]])
  const flags = vfsmount!.fields.mnt_flags!.offset
  expect(loads(`${mnt}r2 = *(u32 *)(r2 +${flags})\n`))
    .toEqual([[1, { struct: 'file', offset: path }], [2, { struct: 'vfsmount', offset: flags }]])
})
