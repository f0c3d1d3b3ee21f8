/** The compiler beside the interpreter: the same cases, the same random programs, the same answers and memory. */
import { describe, expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import type { Code } from '../insn/code.ts'
import type { JitProgram } from '../jit/jit-program.ts'
import { newMachine, runOn as run } from '../testing/both-engines.ts'
import { Random } from '../testing/random.ts'
import { randomProgram } from '../testing/random-program.ts'
import { BpfFault } from './fault.ts'
import type { FaultKind } from './fault.ts'
import { loadCode } from './link.ts'
import type { LinkEnv } from './link.ts'

const ENGINES = ['jit', 'interpreter'] as const

const cases: readonly { name: string; text: string; r0: bigint | FaultKind; budget?: number }[] = [
  { name: 'the smallest number by -1', text: 'r0 = 0x8000000000000000 ll\nr1 = -1\nr0 s/= r1\nexit', r0: 1n << 63n },
  { name: 'the same, 32 bits', text: 'w0 = -2147483648\nw1 = -1\nw0 s/= w1\nexit', r0: 0x80000000n },
  { name: 'by 0', text: 'r0 = 7\nr1 = 0\nr0 /= r1\nexit', r0: 0n },
  { name: 'remainder by 0, 32 bits', text: 'r0 = 0x1122334455667788 ll\nr1 = 0\nw0 %= w1\nexit', r0: 0x55667788n },
  { name: 'a call has its own r6 to r9', text: 'r6 = 5\ncall f\nr0 = r6\nexit\nf:\nr6 = 9\nr0 = 0\nexit', r0: 5n },
  {
    name: 'a call has its own frame',
    text: '*(u64 *)(r10 -8) = 1\ncall f\nr0 = *(u64 *)(r10 -8)\nexit\nf:\n*(u64 *)(r10 -8) = 2\nexit',
    r0: 1n,
  },
  {
    name: 'may_goto ends a loop',
    text: 'r0 = 0\nagain:\nr0 += 1\nmay_goto end\ngoto again\nend:\nexit',
    r0: 8388609n, budget: 1 << 30,
  },
  {
    name: 'a jump over a jump both ways (irreducible)',
    text: 'r0 = 0\nr2 = 3\nif r1 == 1 goto b\na:\nr0 += 1\nb:\nr0 += 10\nr2 -= 1\nif r2 != 0 goto a\nexit',
    r0: 33n,
  },
  {
    name: 'two entries into a loop (irreducible)',
    text: 'r0 = 0\nif r1 != 0 goto b\na:\nr0 += 1\ngoto c\nb:\nr0 += 10\nc:\nif r0 s> 50 goto d\n' +
      'if r0 & 0x1 goto b\ngoto a\nd:\nexit',
    r0: 51n,
  },
  { name: 'a null pointer', text: 'r1 = 0\nr0 = *(u64 *)(r1 +8)\nexit', r0: 'memory' },
  {
    name: 'a pointer with upper bits',
    text: 'r2 = 0x100000000 ll\nr1 |= r2\nr0 = *(u64 *)(r1 +0)\nexit',
    r0: 'memory',
  },
  { name: 'a handle whose type nobody saw', text: 'r1 = 0x80000000 ll\nr0 = *(u64 *)(r1 +0)\nexit', r0: 'memory' },
  { name: 'a store into what is read only', text: 'r1 = 8192\n*(u64 *)(r1 +0) = 1\nr0 = 0\nexit', r0: 'memory' },
  { name: 'behind the end', text: 'r1 = -8 ll\nr1 = 0xfffffff0 ll\n*(u8 *)(r1 +0) = 1\nexit', r0: 'memory' },
  { name: 'from below with an offset', text: 'r1 = 0\nr0 = *(u64 *)(r1 +8192)\nexit', r0: 'memory' },
  { name: 'the same, not constant', text: 'r1 &= 0\nr0 = *(u64 *)(r1 +8192)\nexit', r0: 'memory' },
  {
    name: 'checked on the other way only',
    text: 'r2 = 16\nif r1 != 1 goto l\nr2 = r1\nr0 = *(u8 *)(r2 +0)\nl:\nr0 = *(u8 *)(r2 +0)\nexit', r0: 'memory',
  },
  {
    name: 'checked, and then another value',
    text: 'r0 = *(u8 *)(r1 +0)\nr1 &= 15\nr0 = *(u8 *)(r1 +0)\nexit', r0: 'memory',
  },
  {
    name: 'checked for reading only',
    text: 'r1 &= 0\nr1 += 8192\nr0 = *(u64 *)(r1 +0)\n*(u64 *)(r1 +0) = 1\nexit', r0: 'memory',
  },
  {
    name: 'walking out in a loop',
    text: 'l:\nr0 = *(u8 *)(r1 +0)\n*(u8 *)(r1 +32) = r0\nr1 += 4096\ngoto l', r0: 'memory',
  },
  {
    name: 'an address taken from memory by an atomic',
    text: '*(u8 *)(r1 +0) = 1\n*(u64 *)(r10 -8) = 64\nr2 = r1\nr1 = atomic64_xchg((u64 *)(r10 -8), r1)\n' +
      '*(u8 *)(r1 +0) = 1\nexit',
    r0: 'memory',
  },
  {
    name: 'a counted loop walks up',
    text: 'r0 = 0\nr2 = 8\nl:\nr3 = *(u8 *)(r1 +1)\nr0 += r3\n*(u8 *)(r1 +0) = r2\nr1 += 2\nr2 -= 1\n' +
      'if r2 != 0 goto l\nr3 = *(u8 *)(r1 -2)\nr0 += r3\nexit',
    r0: BigInt([1, 3, 5, 7, 9, 11, 13, 15].reduce((sum, at) => sum + ((at * 37) & 255), 1)),
  },
  {
    name: 'a counted loop walks down',
    text: 'r0 = 0\nr2 = 0\nr1 += 8\nl:\nr3 = *(u8 *)(r1 +0)\nr0 += r3\nr1 += -1\nr2 += 3\nif r2 < 25 goto l\nexit',
    r0: BigInt([8, 7, 6, 5, 4, 3, 2, 1, 0].reduce((sum, at) => sum + ((at * 37) & 255), 0)),
  },
  {
    name: 'a counted loop runs out of memory above',
    text: 'r0 = 0\nr2 = 5000\nl:\n*(u8 *)(r1 +0) = 1\nr1 += 4096\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 'memory',
  },
  {
    name: 'a counted loop runs out of memory below',
    text: 'r0 = 0\nr2 = 5000\nl:\nr3 = *(u8 *)(r1 +0)\nr1 -= 4096\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 'memory',
  },
  {
    name: 'a counted loop writes below what it may',
    text: 'r0 = 0\nr2 = 40\nl:\n*(u8 *)(r1 +0) = 1\nr1 -= 4096\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 'memory',
  },
  {
    name: 'a counted loop that never fits',
    text: 'r0 = 0\nr2 = 100000\nl:\nr3 = *(u8 *)(r1 +0)\nr1 += 10000\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 'memory',
  },
  {
    name: 'behind a step it is checked again',
    text: 'r0 = 0\nr2 = 2\nl:\nr3 = *(u8 *)(r1 +0)\nr1 &= 7\nr3 = *(u8 *)(r1 +0)\nr2 -= 1\nif r2 != 0 goto l\nexit',
    r0: 'memory',
  },
  {
    name: 'a counted loop of more than the budget',
    text: 'r0 = 0\nr2 = 1000000\nl:\nr0 += 1\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 'budget', budget: 100_000,
  },
  {
    name: 'one that passes its end',
    text: 'r0 = 0\nr2 = 7\nl:\nr0 += 1\nr2 -= 2\nif r2 != 0 goto l\nexit', r0: 'budget', budget: 100_000,
  },
  {
    name: 'a loop that another one jumps back into',
    text: 'r0 = 0\nr3 = 3\nr2 = 4\nl:\nr0 += 1\nr2 -= 1\nif r2 != 0 goto l\nr2 = 2\nr3 -= 1\nif r3 != 0 goto l\nexit',
    r0: 8n,
  },
  {
    name: 'a loop at the very beginning',
    text: 'l:\nr2 -= 1\nif r2 != -5 goto l\nr0 = r2\nexit', r0: 0xffff_ffff_ffff_fffbn,
  },
  {
    name: 'two ways into a loop, with two counts',
    text: 'r0 = 0\nr2 = 4\nif r1 == 0 goto l\nr2 = 6\nl:\nr0 += 1\nr2 -= 1\nif r2 != 0 goto l\nexit', r0: 6n,
  },
  { name: 'for ever', text: 'a:\ngoto a', r0: 'budget' },
  { name: 'for ever in calls', text: 'call f\nexit\nf:\ncall f\nexit', r0: 'stack' },
  {
    name: 'exponentially',
    text: 'call f\nexit\nf:\nr6 = 100\nl:\ncall g\nr6 -= 1\nif r6 != 0 goto l\nexit\ng:\nr6 = 100\nl2:\n' +
      'call h\nr6 -= 1\nif r6 != 0 goto l2\nexit\nh:\nr6 = 1000\nl3:\nr6 -= 1\nif r6 != 0 goto l3\n' +
      'exit',
    r0: 'budget',
  },
  { name: 'out of its code', text: 'r0 = 0', r0: 'outside' },
  { name: 'a helper that is none', text: 'call unknown#4711\nexit', r0: 'helper' },
]

describe.each(ENGINES)('%s', (engine) => {
  test.each(cases)('$name', ({ text, r0, budget }) => {
    expect(run(engine, assemble(text), {}, budget).r0).toBe(r0)
  })

  test('a helper gets 64 bits as two words and gives them back', () => {
    const swap = { name: 'swap', args: 'il', result: 'l' as const, call: (_a: number, low: number, high: number) => {
      machine.high = low
      return high
    } }
    const machine = newMachine()
    const code = assemble('r1 = 0\nr2 = 0x1122334455667788 ll\ncall #1\nexit')
    const low = loadCode(machine, code, engine, { helper: () => swap }).run(0)
    expect([low >>> 0, machine.high >>> 0]).toEqual([0x11223344, 0x55667788])
  })

  test('a callback runs in a frame of its own, and counts', () => {
    const machine = newMachine(10_000)
    const call = (fn: number, n: number) => machine.callback(fn >>> 0, n) + machine.callback(fn >>> 0, n + 1)
    const twice = { name: 'twice', args: 'ii', result: 's' as const, callsBack: true as const, call }
    const code = assemble(
      '*(u64 *)(r10 -8) = 7\nr1 = &cb\nr2 = 20\ncall #1\nr1 = *(u64 *)(r10 -8)\nr0 += r1\nexit\ncb:\n' +
      '*(u64 *)(r10 -8) = 1\nr0 = r1\nexit',
    )
    expect(loadCode(machine, code, engine, { helper: () => twice }).run(0)).toBe(48)
    const forever = { ...twice, call: (fn: number) => {
      for (;;) machine.callback(fn >>> 0, 0)
    } }
    expect(() => loadCode(machine, code, engine, { helper: () => forever }).run(0)).toThrow(BpfFault)
    expect(machine.stack).toBe(machine.memory.stackTop)
  })

  test('a tail call goes on in the caller\'s place, 33 times at most', () => {
    const machine = newMachine()
    const code = assemble(
      '*(u64 *)(r10 -8) = r1\nr2 = *(u32 *)(r1 +0)\nr2 += 1\n*(u32 *)(r1 +0) = r2\nr2 = 5\nr3 = 0\n' +
      'call #12\nr1 = *(u64 *)(r10 -8)\nr0 = *(u32 *)(r1 +0)\nexit',
    )
    const program = loadCode(machine, code, engine)
    machine.tailTarget = () => machine.programs.indexOf(program)
    const address = machine.memory.alloc(8)
    expect(program.run(address)).toBe(34)
    machine.tailTarget = () => -1
    machine.memory.i32[address >> 2] = 0
    expect(program.run(address)).toBe(1)
  })
})

/** r1: an address, a number of 64 bits, a word that nobody hands over. */
const contexts: readonly { name: string; text: string; r0: number; reads: number; isLeaf: boolean }[] = [
  { name: 'an address', text: 'r0 = *(u64 *)(r1 +0)\nexit', r0: 0x1234, reads: 1, isLeaf: true },
  { name: 'has no upper half', text: 'r0 = *(u32 *)(r1 +4)\nexit', r0: 0, reads: 1, isLeaf: true },
  { name: 'a number', text: 'r0 = *(u64 *)(r1 +8)\nr0 >>= 32\nexit', r0: 0x7654_3210, reads: 2, isLeaf: true },
  { name: 'its upper half', text: 'r0 = *(u32 *)(r1 +12)\nexit', r0: 0x7654_3210, reads: 2, isLeaf: true },
  { name: 'two bytes of it', text: 'r0 = *(u16 *)(r1 +10)\nexit', r0: 0x89ab, reads: 2, isLeaf: true },
  { name: 'signed', text: 'r0 = *(s16 *)(r1 +10)\nexit', r0: -0x7655, reads: 2, isLeaf: true },
  { name: 'a byte', text: 'r0 = *(u8 *)(r1 +15)\nexit', r0: 0x76, reads: 2, isLeaf: true },
  { name: 'behind what is handed over', text: 'r0 = *(u64 *)(r1 +16)\nexit', r0: 0, reads: 4, isLeaf: true },
  { name: 'by a copy', text: 'r6 = r1\nr6 += 8\nr0 = *(u32 *)(r6 -8)\nexit', r0: 0x1234, reads: 1, isLeaf: true },
  {
    name: 'in a loop', text: 'r0 = 0\nr2 = 3\nl:\nr3 = *(u64 *)(r1 +0)\nr0 += r3\nr2 -= 1\nif r2 != 0 goto l\nexit',
    r0: 0x369c, reads: 1, isLeaf: true,
  },
  {
    name: 'spilled', text: '*(u64 *)(r10 -8) = r1\nr2 = *(u64 *)(r10 -8)\nr0 = *(u32 *)(r2 +8)\nexit',
    r0: 0x89ab_cdef | 0, reads: 3, isLeaf: false,
  },
  {
    name: 'one of two registers',
    text: 'r2 = *(u64 *)(r1 +0)\nr3 = r1\nif r2 == 0 goto l\nr3 += 8\nl:\nr0 = *(u32 *)(r3 +0)\nexit',
    r0: 0x89ab_cdef | 0, reads: 3, isLeaf: false,
  },
  {
    name: 'in a subprogram', text: 'call f\nexit\nf:\nr0 = *(u32 *)(r1 +0)\nexit',
    r0: 0x1234, reads: 3, isLeaf: false,
  },
  {
    name: 'written over', text: '*(u64 *)(r1 +0) = 7\nr2 = *(u64 *)(r1 +0)\nr0 = *(u32 *)(r1 +8)\nr0 += r2\nexit',
    r0: (0x89ab_cdef | 0) + 7, reads: 3, isLeaf: false,
  },
  { name: 'in a helper', text: 'call #1\nexit', r0: 0x1234, reads: 3, isLeaf: false },
  {
    name: 'not where a helper sees it', text: 'r6 = r1\nr1 = 0\ncall #1\nr0 = *(u32 *)(r6 +8)\nexit',
    r0: 0x89ab_cdef | 0, reads: 2, isLeaf: false,
  },
]

describe.each(ENGINES)('the words of a context, %s', (engine) => {
  test.each(contexts)('$name', ({ text, r0, reads, isLeaf }) => {
    const machine = newMachine()
    const at = (address: number) => machine.memory.i32[address >> 2] ?? 0
    const helper = { name: 'at', args: 'i', result: 's' as const, call: at }
    const env: LinkEnv = { contextSize: 24, given: ['address', 'number'], helper: () => helper }
    const program = loadCode(machine, assemble(text), engine, env)
    const halves = [0x1234, 0, 0x89ab_cdef | 0, 0x7654_3210].slice(0, program.words * 2)
    expect(program.entry(...halves)).toBe(r0)
    expect(machine.stack).toBe(machine.memory.stackTop)
    if (engine === 'jit') expect((program as JitProgram).compiled.entry).toMatchObject({ reads, isLeaf })
  })

  test('one inside the other have contexts of their own', () => {
    const machine = newMachine()
    let depth = 0
    const nested = { name: 'nested', args: 'i', result: 's' as const, call: (context: number) => {
      if (depth < 5) program.entry(++depth, 0)
      return machine.memory.i32[context >> 2]!
    } }
    const env: LinkEnv = { contextSize: 16, given: ['address'], helper: () => nested }
    const program = loadCode(machine, assemble('r6 = r1\ncall #1\nexit'), engine, env)
    expect([program.entry(0, 0), depth]).toEqual([0, 5])
  })

  test('one that is stopped gives back what it took', () => {
    const machine = newMachine(1000)
    const never = { name: 'never', args: '', result: 'v' as const, call: () => {
      throw new BpfFault('helper', -1)
    } }
    const program = loadCode(machine, assemble('call #1\nexit'), engine, { helper: () => never })
    machine.fuel = 77
    machine.tails = 5
    expect(() => program.entry()).toThrow(BpfFault)
    expect([machine.stack, machine.fuel, machine.tails]).toEqual([machine.memory.stackTop, 77, 5])
  })
})

test('random programs give the same answer and leave the same memory on both engines', () => {
  let loops = 0
  for (let seed = 1; seed <= 300; seed++) {
    const code = randomProgram(new Random(seed))
    const compiled = run('jit', code)
    expect(compiled, `seed ${seed}`).toEqual(run('interpreter', code))
    expect(typeof compiled.r0, `seed ${seed}`).toBe('bigint')
    for (let slot = 0; slot < code.length; slot++) if (code.off[slot]! < 0 && (code.op[slot]! & 7) === 5) loops++
  }
  expect(loops).toBeGreaterThan(100)
})

test('what has structure is compiled with structure; only two entries into a loop need a dispatcher', () => {
  const dispatched = (code: Code) => (loadCode(newMachine(), code, 'jit') as JitProgram).compiled.dispatched
  expect(dispatched(assemble(cases.find(({ name }) => name.startsWith('two entries'))!.text))).toEqual([0])
  for (let seed = 1; seed <= 50; seed++) expect(dispatched(randomProgram(new Random(seed)))).toEqual([])
})
