/** Hooks by release: which there are, and the arguments that programs on them have. */
import { expect, test } from 'vitest'
import { emptyCode } from '../insn/index.ts'
import type { KernelRelease } from '../kernels/releases.ts'
import type { BpfObject } from '../object/bpf-object.ts'
import { verify } from '../verifier/verify.ts'
import { vmlinuxBtf } from './vmlinux.ts'

const LSM = 29
const LSM_MAC = 27

/** Loads an argument, or its first bytes, and returns a constant. */
const judged = (release: KernelRelease, hook: string, returns: number, place: number | null, deref = false): string => {
  const words: readonly (readonly [op: number, dst: number, src: number, off: number, imm: number])[] = [
    ...(place === null ? [] : [[0x79, 2, 1, 8 * place, 0]] as const), ...(deref ? [[0x61, 2, 2, 0, 0]] as const : []),
    [0xb7, 0, 0, 0, returns], [0x95, 0, 0, 0, 0],
  ]
  const code = emptyCode(words.length)
  for (const [at, [op, dst, src, off, imm]] of words.entries()) {
    code.op[at] = op
    code.dst[at] = dst
    code.src[at] = src
    code.off[at] = off
    code.imm[at] = imm
  }
  const types = vmlinuxBtf(release)
  const object: BpfObject = {
    name: 'hook', license: 'GPL', maps: [], btf: null, externs: [],
    programs: [{
      name: 'hook', section: `lsm/${hook}`, type: LSM, expectedAttachType: LSM_MAC, sleepable: false, flags: 0,
      attachTo: hook, attachBtfId: types.find(`bpf_lsm_${hook}`, 'func'), autoload: true, code,
      subprograms: [{ name: 'hook', start: 0, typeId: 0, isGlobal: true }], lines: [], tags: [], poisoned: new Map(),
      broken: null,
    }],
  }
  const { ok, log } = verify(object.programs[0]!, { object, kernelBtf: types, kernel: release })
  return ok ? 'ok' : log.split('\n').filter((line) => line !== '' && !/^processed \d/.test(line)).at(-1) ?? ''
}

const NO_TARGET = /must provide btf_id/
const OTHER_NAME = /points to wrong type name/
const OUTSIDE = /invalid bpf_context access/

test.each([
  ['6.12', 'uring_allowed', 0, null, NO_TARGET, 'came with 6.15'],
  ['6.18', 'uring_allowed', 0, null, /^ok$/, 'came with 6.15'],
  ['6.18', 'uring_allowed', 1, null, /should have been in \[-4095, 0\]/, 'it answers an errno'],
  ['6.18', 'unix_find', 0, null, NO_TARGET, 'came after it'], ['7.3', 'unix_find', 0, 2, /^ok$/, 'three arguments'],
  ['7.3', 'unix_find', 0, 4, OUTSIDE, 'three arguments and the result'],
  ['7.3', 'cred_getlsmprop', 2, 1, /^ok$/, 'void: any result'],
  ['7.3', 'current_getsecid_subj', 0, null, NO_TARGET, 'gone since 6.13'],
  ['6.12', 'current_getsecid_subj', 0, null, /^ok$/, '6.12 has it'],
  ['6.12', 'bpf', 0, 4, OUTSIDE, 'three arguments and the result'], ['6.18', 'bpf', 0, 4, /^ok$/, '`kernel` is the fourth'],
  ['6.12', 'mmap_file', 0, 0, /^ok$/, 'loaded, and not followed'],
  ['7.3', 'file_alloc_security', 0, null, /points to disabled hook/, 'disabled in 7.3'],
  ['6.18', 'file_alloc_security', 0, null, /^ok$/, 'not before'],
  ['6.18', 'backing_file_alloc', 0, null, NO_TARGET, 'a stable update of 6.12 is younger'],
  ['7.3', 'backing_file_alloc', 0, null, /^ok$/, 'there again'],
  ['6.12', 'init', 0, null, OTHER_NAME, 'no hook'], ['6.18', 'has_d_inode_locked', 0, null, OTHER_NAME, 'no hook'],
  ['7.3', 'hook_returns_errno', 0, null, OTHER_NAME, 'no hook'],
  ['5.10', 'task_getsecid', 0, 0, /^ok$/, 'until 5.15'], ['6.1', 'task_getsecid', 0, 0, NO_TARGET, 'until 5.15'],
] as const)('%s %s, answer %i, argument %s: %s (%s)', (release, hook, returns, place, expected, _reason) => {
  expect(judged(release, hook, returns, place)).toMatch(expected)
})

test.each([
  ['6.12', /^ok$/], ['6.18', /^ok$/], ['7.3', /trusted_ptr_or_null_/],
] as const)('%s: the file of mmap_file is followed without a look: %s', (release, expected) => {
  expect(judged(release, 'mmap_file', 0, 0, true)).toMatch(expected)
})
