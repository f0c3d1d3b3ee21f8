/** Prototypes of kernel functions that a call on 7.3 is refused for, before it is asked whether they are kfuncs. */
import { BTF_FUNC_GLOBAL, EACCES, EINVAL } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { check } from './testing/check.ts'

const writer = new BtfWriter()
const INT = writer.add({
  kind: 'int', name: 'int', size: 4, bits: 32, bitOffset: 0, isSigned: true, isChar: false, isBool: false,
})
const pointer = (type: number): number => writer.add({ kind: 'ptr', name: '', type })
const struct = (name: string, size: number, type: number): number =>
  writer.add({ kind: 'struct', name, size, members: [{ name: 'a', type, bitOffset: 0, bitSize: 0 }] })
const FLOAT = writer.add({ kind: 'float', name: 'double', size: 8 })
const FORWARD = writer.add({ kind: 'fwd', name: 'hidden', isUnion: false })
const VOID_POINTER = pointer(0)
const SMALL = struct('small', 4, INT)
const LINKS = struct('links', 8, VOID_POINTER)
const LARGE = struct('large', 24, INT)
const CALLBACK = pointer(writer.add({ kind: 'func_proto', name: '', type: INT, params: [], isVariadic: false }))

type Param = readonly [name: string, type: number]
const refused = 'calling kernel function target is not allowed'

const cases: readonly (readonly [title: string, result: number, params: readonly Param[], answer: string])[] = [
  ['numbers', INT, [['a', INT]], refused],
  ['nothing', 0, [], refused],
  ['a struct', INT, [['a', pointer(LINKS)]], refused],
  ['a function', INT, [['a', CALLBACK]], refused],
  ['a number in memory', INT, [['a', pointer(INT)]], refused],
  ['memory with its size', INT, [['a', VOID_POINTER], ['a__sz', INT]], refused],
  ['ignored', INT, [['a__ign', VOID_POINTER]], refused],
  ['named for what it is', INT, [['a__map', VOID_POINTER]], refused],
  ['memory without a size', INT, [['a', VOID_POINTER]],
    'R1 pointer type UNKNOWN  must point to scalar, or struct with scalar'],
  ['the second argument', INT, [['a', INT], ['b', pointer(VOID_POINTER)]],
    'R2 pointer type PTR  must point to scalar, or struct with scalar'],
  ['a struct that is declared alone', INT, [['a', pointer(FORWARD)]],
    'R1 pointer type FWD hidden must point to scalar, or struct with scalar'],
  ['a struct of pointers with its size', INT, [['a', pointer(LINKS)], ['a__sz', INT]],
    'R1 pointer type STRUCT links must point to void, scalar, or struct with scalar'],
  ['a struct by value', INT, [['a', SMALL]], 'Unrecognized R1 type STRUCT'],
  ['a large struct by value', INT, [['a', LARGE]], 'The function target arg0 type STRUCT is unsupported.'],
  ['a floating number', INT, [['a', FLOAT]], 'The function target arg0 type FLOAT is unsupported.'],
  ['a struct as result', SMALL, [], 'The function target return type STRUCT is unsupported.'],
  ['any arguments', INT, [['a', INT], ['', 0]], 'The function target with variable args is unsupported.'],
  ['too many', INT, Array.from({ length: 13 }, (_, at) => [`a${at}`, INT] as const),
    'The function target has 13 arguments. Too many.'],
  ['memory of an arena that is not there', INT, [['a__arena', VOID_POINTER]],
    'R1 arena pointer requires a program with an associated arena'],
]

const ids = cases.map(([title, type, params]) => {
  const named = params.map(([name, param]) => ({ name, type: param }))
  const proto = writer.add({ kind: 'func_proto', name: '', type, params: named, isVariadic: title === 'any arguments' })
  return writer.add({ kind: 'func', name: 'target', type: proto, linkage: BTF_FUNC_GLOBAL })
})
const kernelBtf = new Btf(writer.toBytes())

test.each(cases.map(([title, , , answer], at) => [title, answer, ids[at]!] as const))('%s', (_title, answer, id) => {
  const verdict = check({
    code: 'r0 = 0\nr0 = 0\nexit', kernelBtf, kernel: '7.3',
    change: (code) => {
      code.op[0] = 0x85
      code.src[0] = 2
      code.imm[0] = id
    },
  })
  expect(verdict.log).toContain(answer)
  expect(verdict.errno).toBe(answer === refused ? -EACCES : -EINVAL)
})
