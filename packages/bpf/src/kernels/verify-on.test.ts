/** One object for several releases: verdicts, reasons, and what to do. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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

test.each([
  [{ kernels: ['6.13'] }, /kernel release/], [{ kernels: '6.12' }, /kernels/], [{}, /kernels/],
  [{ kernels: ['6.12'], type: () => null }, /type/],
] as const)('refuses the options %o', (options, message) => {
  expect(() => verifyOn(object('deflector.o'), options as unknown as VerifyOnOptions)).toThrow(message)
})

test('a file that is no object', () => {
  expect(() => verifyOn(new Uint8Array(4), { kernels: ['6.12'] })).toThrow()
})
