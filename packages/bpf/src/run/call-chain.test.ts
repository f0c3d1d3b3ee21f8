/** Stack traces: a program's frames as far as they are certain, the hook's above them, and what the helpers answer. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { helperBench, mapSpec } from '../testing/helper-bench.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { callChain } from './call-chain.ts'
import { Symbols } from './symbols.ts'

/** Slot of the one call of helper 67, and where labels are. */
const parse = (text: string) => {
  const lines = text.split('\n')
  const starts: [string, number][] = [['main', 0]]
  let slot = 0
  let at = -1
  for (const line of lines) {
    const label = /^(\w+):$/.exec(line)?.[1]
    if (label !== undefined) {
      starts.push([label, slot])
      continue
    }
    if (line === 'call #67') at = slot
    slot += line.includes('&') ? 2 : 1
  }
  const subprograms = starts.map(([name, start]) => ({ name, start, typeId: 0, isGlobal: false }))
  return { code: assemble(text), subprograms, at }
}

const chainOf = (text: string): string[] => {
  const { code, subprograms, at } = parse(text)
  return callChain(code, subprograms, at).map(({ subprogram, slot }) => `${subprograms[subprogram]!.name}+${slot}`)
}

describe('frames of a program', () => {
  test.each([
    ['in the entry', 'r0 = 0\ncall #67\nexit', ['main+2']],
    ['in a function', 'call f\nexit\nf:\ncall #67\nexit', ['f+3', 'main+1']],
    ['two deep', 'r1 = 0\ncall f\nexit\nf:\ncall g\nexit\ng:\ncall #67\nexit', ['g+6', 'f+4', 'main+2']],
    ['in a callback', 'r2 = &f\ncall #181\nexit\nf:\ncall #67\nexit', ['f+5', 'main+1']],
    ['called twice by one', 'call f\ncall f\nexit\nf:\ncall #67\nexit', ['f+4', 'main+0']],
    ['called by two: those in between are not certain',
      'call f\ncall g\nexit\nf:\ncall h\nexit\ng:\ncall h\nexit\nh:\ncall #67\nexit', ['h+8', 'main+0']],
    ['called by nobody', 'exit\nf:\ncall #67\nexit', ['f+2']],
    ['recursion ends', 'call f\nexit\nf:\ncall #67\ncall f\nexit', ['f+3', 'main+0']],
  ])('%s', (_name, text, frames) => {
    expect(chainOf(text)).toEqual(frames)
  })
})

const spec = (attachTo: string | null): ProgramSpec => {
  const { code, subprograms } = parse('call f\nexit\nf:\ncall #67\nexit')
  return {
    name: 'guard', section: '', type: 29, expectedAttachType: 27, sleepable: false, flags: 0, attachTo,
    attachBtfId: attachTo === null ? 0 : vmlinuxBtf().find(attachTo, 'func'), autoload: true, code, subprograms,
    lines: [], tags: [], poisoned: new Map(), broken: null,
  }
}

test.each([
  ['bpf_lsm_file_open', ['bpf_prog_f', 'bpf_prog_guard', 'bpf_lsm_file_open', 'security_file_open']],
  ['security_file_open', ['bpf_prog_f', 'bpf_prog_guard', 'security_file_open']],
  [null, ['bpf_prog_f', 'bpf_prog_guard']],
])('above a program on %s', (attachTo, names) => {
  const symbols = new Symbols()
  symbols.of(spec('bpf_lsm_task_free'), vmlinuxBtf())
  const { frames, target } = symbols.of(spec(attachTo), vmlinuxBtf())(2)
  expect(symbols.at(target, vmlinuxBtf())).toBe(attachTo)
  expect(frames.map((address) => symbols.at(address, vmlinuxBtf()))).toEqual(names)
  expect([symbols.at(8n, vmlinuxBtf()), symbols.at(-1n, vmlinuxBtf())]).toEqual([null, null])
})

test('a frame at the beginning of a function is that function\'s', () => {
  const symbols = new Symbols()
  const own = { ...spec(null), ...parse('call f\nexit\nf:\ncall g\ncall g\nexit\ng:\ncall #67\nexit') }
  const { frames } = symbols.of(own, null)(5)
  expect(frames.map((address) => symbols.at(address, null))).toEqual(['bpf_prog_g', 'bpf_prog_f', 'bpf_prog_guard'])
})

describe('what helpers answer', () => {
  const FRAMES = [30n, 20n, 10n]
  const bench = helperBench({ task: () => 500 })
  const site = { frames: FRAMES, target: 0xffff_ffff_8123_4560n }
  const call = (id: number, ...words: number[]) => bench.programBuilder.siteHelper(id, site, null).call(...words)
  const buffer = bench.memory.alloc(64)
  const { BPF_FUNC_get_stack: get, BPF_FUNC_get_task_stack: of, BPF_FUNC_get_stackid: byId } = abi
  const word = (n: number) => bench.memory.view.getBigUint64(buffer + n * 8, true)
  const written = (rc: number) => [rc, ...[0, 1, 2, 3].map(word)]

  test.each<[name: string, size: number, flags: number, rc: number, frames: bigint[]]>([
    ['all', 32, 0, 24, [30n, 20n, 10n, 0n]],
    ['as many as fit', 16, 0, 16, [30n, 20n, 0n, 0n]],
    ['without the first two', 32, 2, 8, [10n, 0n, 0n, 0n]],
    ['skipped whole', 32, 3, 0, [0n, 0n, 0n, 0n]],
    ['more are skipped than there are', 32, 4, -abi.EFAULT, [0n, 0n, 0n, 0n]],
    ['of the user', 32, 0x100, -abi.EFAULT, [0n, 0n, 0n, 0n]],
    ['build ids of the kernel', 32, 0x800, -abi.EINVAL, [0n, 0n, 0n, 0n]],
    ['an unknown flag', 32, 0x1000, -abi.EINVAL, [0n, 0n, 0n, 0n]],
    ['half a frame', 12, 0, -abi.EINVAL, [0n, 0n, 0n, 0n]],
  ])('%s', (_name, size, flags, rc, frames) => {
    bench.memory.u8.fill(0, buffer, buffer + 64)
    expect(written(call(get, 0, buffer, size, flags, 0))).toEqual([rc, ...frames])
    expect(written(call(of, 500, buffer, size, flags, 0))).toEqual([rc, ...frames])
  })

  test('another task\'s stack is not known', () => {
    expect(written(call(of, 501, buffer, 32, 0, 0))).toEqual([-abi.EFAULT, 0n, 0n, 0n, 0n])
  })

  test('the function that the program is on', () => {
    const low = call(abi.BPF_FUNC_get_func_ip, 0)
    expect([low >>> 0, bench.machine.high]).toEqual([0x8123_4560, -1])
  })

  test('ids', () => {
    const map = bench.map(mapSpec(abi.BPF_MAP_TYPE_STACK_TRACE, { valueSize: 16, maxEntries: 64 }))
    const id = call(byId, 0, map.address, 0, 0)
    expect([id >= 0, call(byId, 0, map.address, 0, 0) === id, call(byId, 0, map.address, 1, 0) === id])
      .toEqual([true, true, false])
    const answers = [0x100, 3, 0x2000].map((flags) => call(byId, 0, map.address, flags, 0))
    expect(answers).toEqual([-abi.EFAULT, -abi.EFAULT, -abi.EINVAL])
  })
})
