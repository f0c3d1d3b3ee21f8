/** One object for several releases: verdicts, reasons, and what to do. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BpfObject } from '../object/bpf-object.ts'
import { vmlinuxBtf } from '../vmlinux/vmlinux.ts'
import { kernelReleases } from './releases.ts'
import { verifyOn } from './verify-on.ts'
import type { KernelVerdict, VerifyOnOptions } from './verify-on.ts'

const object = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, '../../objects', name))
const types = (): ReturnType<typeof vmlinuxBtf> => vmlinuxBtf()

const on = (name: string, program: string, options: VerifyOnOptions): readonly KernelVerdict[] =>
  verifyOn(object(name), { ...options, programs: [program] })[0]!.kernels

describe('with types', () => {
  test('a program that every release takes', () => {
    const verdicts = on('deflector.o', 'deflect_open', { kernels: kernelReleases, types })
    expect(verdicts.map(({ kernel }) => kernel)).toEqual(kernelReleases)
    for (const { verdict, processed, reason } of verdicts)
      expect([verdict, processed > 0, reason]).toEqual(['accepted', true, null])
  })

  test.each([
    ['5.15', 'refused', /#181$/, /^bpf_loop came with Linux 5\.17: .*BPF_FUNC_loop/],
    ['6.1', 'accepted', null, null], ['7.3', 'accepted', null, null],
  ] as const)('bpf_loop in %s: %s', (kernel, verdict, reason, advice) => {
    const [answer] = on('everything.o', 'calls', { kernels: [kernel], types })
    expect(answer!.verdict).toBe(verdict)
    if (reason !== null) expect(answer).toMatchObject(
      { reason: expect.stringMatching(reason) as string, advice: expect.stringMatching(advice) as string })
  })
})

describe('without types', () => {
  test('a program that reads members is not judged', () => {
    const [answer] = on('deflector.o', 'deflect_open', { kernels: ['6.12'] })
    expect(answer).toMatchObject({ verdict: 'unknown', errno: 0, processed: 0 })
    expect(answer!.advice).toMatch(/BTFHub/)
  })

  test('types of one release do for that release', () => {
    const verdicts = on('deflector.o', 'deflect_open',
      { kernels: ['6.1', '6.12'], types: (kernel) => (kernel === '6.12' ? vmlinuxBtf() : null) })
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['unknown', 'accepted'])
  })
})

describe('hooks', () => {
  const movedTo = (section: string): VerifyOnOptions => ({
    kernels: ['6.12', '6.18', '7.3'],
    types: vmlinuxBtf,
    prepare: (opened: BpfObject, release) => {
      const attachTo = section.split('/')[1]!
      const attachBtfId = release.find(`bpf_lsm_${attachTo}`, 'func')
      Object.assign(opened.programs.find(({ name }) => name === 'calls')!,
        { section, attachTo, attachBtfId, sleepable: section.startsWith('lsm.s') })
      return opened
    },
  })

  test.each([
    ['lsm/file_open', ['accepted', 'accepted', 'accepted'], null, null, 'every release has it'],
    ['lsm/uring_allowed', ['refused', 'accepted', 'accepted'], /no hook `uring_allowed`/, /from 6\.18 on/, 'since 6.15'],
    ['lsm/unix_find', ['refused', 'refused', 'accepted'], /no hook `unix_find`/, /from 7\.3 on/, 'after 6.18'],
    ['lsm/cred_getlsmprop', ['refused', 'accepted', 'accepted'], /no hook/, /from 6\.18 on/, 'since 6.13'],
    ['lsm.s/uring_allowed', ['refused', 'refused', 'refused'], /no hook/, /from 6\.18 on/, 'it may not sleep'],
    ['lsm/ipc_getsecid', ['accepted', 'refused', 'refused'], /no hook/, /6\.18 has no hook/, 'gone in 6.13'],
    ['lsm/backing_file_free', ['accepted', 'refused', 'accepted'], /no hook/, /6\.18 has no hook/, 'a younger 6.12'],
    ['lsm/file_alloc_security', ['accepted', 'accepted', 'refused'], /disabled hook/,
      /7\.3 lets no program attach to file_alloc_security: load it in .*6\.18 alone/, 'disabled in 7.3'],
    ['lsm.s/inode_removexattr', ['refused', 'accepted', 'accepted'], /is not sleepable/,
      /sleep on inode_removexattr in 6\.18, 7\.3 alone, and not in 6\.12/, 'sleeps from 6.18 on'],
    ['lsm.s/bdev_setintegrity', ['refused', 'refused', 'accepted'], /is not sleepable/, /in 7\.3 alone/, 'from 7.3 on'],
  ] as const)('%s: %j', (section, verdicts, reason, advice, _why) => {
    const answers = on('everything.o', 'calls', movedTo(section))
    expect(answers.map(({ verdict }) => verdict)).toEqual(verdicts)
    const refused = answers.find(({ verdict }) => verdict === 'refused')
    if (reason === null) expect(refused).toBeUndefined()
    else expect(refused).toMatchObject(
      { reason: expect.stringMatching(reason) as string, advice: expect.stringMatching(advice) as string })
  })
})

test.each([
  [{ kernels: ['6.13'] }, /kernel release/], [{ kernels: '6.12' }, /kernels/], [{}, /kernels/],
  [{ kernels: ['6.12'], type: () => null }, /type/],
] as const)('refuses the options %o', (options, message) => {
  expect(() => verifyOn(object('deflector.o'), options as unknown as VerifyOnOptions)).toThrow(message)
})

test('a file that is no object', () => {
  expect(() => verifyOn(new Uint8Array(4), { kernels: ['6.12'] })).toThrow()
})
