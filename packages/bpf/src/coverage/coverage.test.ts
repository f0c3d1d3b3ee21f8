import { readFileSync } from 'node:fs'
import { EPERM, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import { bpf } from '../lsm/bpf-lsm.ts'
import { runOn } from '../testing/both-engines.ts'
import { BpfCoverage } from './index.ts'

const FMODE_WRITE = 2
const fileOf = (name: string) => readFileSync(new URL(`../../objects/${name}`, import.meta.url))
const deflector = new Uint8Array(fileOf('deflector.o'))
const source = new TextDecoder().decode(fileOf('deflector.c')).split('\n')

/** Opens a file of that mode for writing, with the deflector on the hook. */
const open = (coverage: BpfCoverage, mode: number): number => {
  const programs = bpf({ coverage, engine: 'jit' })
  const stack = createStack({ lsms: [capability(), programs] })
  const { objects, current } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, current.task.cred.user_ns)
  const inode = objects.inode(mode, sb, 12)
  const dentry = objects.dentry({ name: 'tool' } as never, sb)
  dentry.d_inode = inode
  const path = { mnt: { mnt_root: dentry, mnt_sb: sb, mnt_flags: 0 }, dentry }
  programs.load(stack, deflector, { name: 'deflector.o' }).attachAll()
  return stack.lsm.file_open.ask(objects.file(FMODE_WRITE, O_WRONLY, path as never, inode, current.task.cred))
}

/** Hits of the line with that text. */
const hitsOf = (coverage: BpfCoverage, text: string): number[] =>
  coverage.lines().filter((line) => line.text === text).map(({ hits }) => hits)

test('lines of the source that ran, over several runs', () => {
  const coverage = new BpfCoverage()
  expect(open(coverage, 0o100644)).toBe(0)
  expect(hitsOf(coverage, 'int before = (int)ctx[1];')).toEqual([1, 0])
  expect(hitsOf(coverage, 'u64 *seen = bpf_map_lookup_elem(&denials, &key);')).toEqual([0])
  expect(open(coverage, 0o100755)).toBe(-EPERM)
  expect(hitsOf(coverage, 'int before = (int)ctx[1];')).toEqual([2, 0])
  expect(hitsOf(coverage, 'u64 *seen = bpf_map_lookup_elem(&denials, &key);')).toEqual([1])
  expect(hitsOf(coverage, '__sync_fetch_and_add(seen, 1);')).toEqual([0])
  for (const { file, line, text } of coverage.lines()) {
    expect({ file, text }).toEqual({ file: './deflector.c', text: source[line - 1]!.trim() })
  }
})

test.each([{}, null, 'yes'])('%j does not count', (coverage) => {
  expect(() => bpf({ coverage } as never)).toThrow('a BpfCoverage')
})

test('instructions by program', () => {
  const coverage = new BpfCoverage()
  open(coverage, 0o100644)
  const [opened, executed] = coverage.programs()
  expect(opened).toMatchObject({ object: 'deflector', name: 'deflect_open', hasLines: true })
  expect(opened!.used).toBeGreaterThan(5)
  expect(opened!.used).toBeLessThan(opened!.instructions)
  expect(executed).toMatchObject({ name: 'deflect_exec', used: 0 })
})

test('each instruction is counted where it stands, in loops, and in subprograms', () => {
  const code = assemble(
    'r1 = 3\nr0 = 5 ll\nagain:\ncall f\nr1 = r6\nr6 = 0\nif r1 != 0 goto again\nexit\nf:\nr0 = 1\nexit')
  const hits = new Float64Array(code.length)
  const plain = runOn('interpreter', code)
  expect(runOn('interpreter', code, { hits })).toEqual(plain)
  // the second half of the 64-bit load is no instruction
  expect([...hits]).toEqual([1, 1, 0, 1, 1, 1, 1, 1, 1, 1])
  const loop = assemble('r0 = 0\nagain:\nr0 += 1\nif r0 != 4 goto again\nif r0 == 4 goto end\nr0 = 7\nend:\nexit')
  const counts = new Float64Array(loop.length)
  expect(runOn('interpreter', loop, { hits: counts }).r0).toBe(4n)
  expect([...counts]).toEqual([1, 4, 4, 1, 0, 1])
})
