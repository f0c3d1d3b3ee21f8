/** What the callback of an exception may do. */
import { expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { assemble } from '../insn/asm.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import { arrayOf } from '../testing/text-program.ts'
import { TypeBuilder } from '../vmlinux/type-builder.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { verify } from './verify.ts'

const builder = new TypeBuilder(new BtfWriter(), new Map(), { u64: 'unsigned long long v' })
const mainType = builder.func('int run(void *ctx)')
const callbackType = builder.func('int callback(u64 cookie)')
const partType = builder.func('int part(void)')
const btf = new Btf(builder.writer.toBytes())
const programs: MapSpec = { ...arrayOf(2, 4), type: 3 }

/** A program whose exceptions run `callback`, which has the function `part` behind it. */
const outcome = (callback: string, part: string): string => {
  const starts = [0, 2, 2 + assemble(callback).length]
  const program: ProgramSpec = {
    name: 'run', section: 'tc', type: 3, expectedAttachType: 0, sleepable: false, flags: 0, attachTo: null,
    attachBtfId: 0, autoload: true, code: assemble(`r0 = 0\nexit\n${callback}\n${part}`), lines: [],
    tags: ['exception_callback:callback'], poisoned: new Map(), broken: null,
    subprograms: [
      { name: 'run', start: starts[0]!, typeId: mainType, isGlobal: true },
      { name: 'callback', start: starts[1]!, typeId: callbackType, isGlobal: true },
      { name: 'part', start: starts[2]!, typeId: partType, isGlobal: false },
    ],
  }
  const object: BpfObject = { name: 'o', license: 'GPL', maps: [programs], programs: [program], btf, externs: [] }
  const verdict = verify(program, { object, kernelBtf: vmlinuxBtf(), logLevel: 1 })
  return verdict.ok ? 'ok' : verdict.log
}

const CALL = 'call pc+1\nexit'
/** No path leads to the second half: what counts is that it is there. */
const around = (code: string): string => `r1 = 0\nif r1 == 1 goto pc+2\nr0 = 0\nexit\n${code}\nr0 = 0\nexit`

test.each([
  { what: 'a function that does nothing', part: 'r0 = 0\nexit', expected: 'ok' },
  { what: 'a function with another call', part: around('call bpf_get_prandom_u32'), expected: 'ok' },
  { what: 'a function with a tail call', part: around('r2 = map[0]\nr3 = 0\ncall bpf_tail_call'),
    expected: 'cannot tail call within exception cb' },
])('it calls $what', ({ part, expected }) => {
  expect(outcome(CALL, part)).toContain(expected)
})
