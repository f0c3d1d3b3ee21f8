/** Objects of our own, opened: what the loader makes of each thing a C file can say. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { getVariable, mapOf, openObject, programOf, renameSection, resizeMap, setVariable } from './index.ts'
import type { OpenOptions } from './index.ts'

const file = (name: string): Uint8Array => readFileSync(new URL(`../../objects/${name}.o`, import.meta.url))
const open = (name: string, options: OpenOptions = {}) =>
  openObject(file(name), { name: `${name}.o`, kernelBtf: vmlinuxBtf(), ...options })
const codeOf = (error: () => unknown): string => {
  try {
    error()
  } catch (thrown) {
    if (thrown instanceof BpfError) return thrown.code
    throw thrown
  }
  return 'none'
}

const kernel = vmlinuxBtf()
const object = open('everything', { kconfig: 'CONFIG_BPF_LSM=y\nCONFIG_HZ=250\nCONFIG_CC_VERSION_TEXT="gcc 14"\n' })

describe('maps', () => {
  test.each([
    ['table', { type: abi.BPF_MAP_TYPE_HASH, keySize: 8, valueSize: 32, maxEntries: 64, flags: 0 }],
    ['recent', { type: abi.BPF_MAP_TYPE_LRU_HASH, keySize: 4, valueSize: 8, maxEntries: 4, keyTypeId: 0 }],
    ['routes', { type: abi.BPF_MAP_TYPE_LPM_TRIE, flags: abi.BPF_F_NO_PREALLOC, keySize: 8, valueSize: 4 }],
    ['line', { type: abi.BPF_MAP_TYPE_QUEUE, keySize: 0, valueSize: 4, maxEntries: 3 }],
    ['rounded_up', { type: abi.BPF_MAP_TYPE_RINGBUF, maxEntries: 8192 }],
    ['per_task', { type: abi.BPF_MAP_TYPE_TASK_STORAGE, keySize: 4, maxEntries: 0 }],
    ['jumps', { type: abi.BPF_MAP_TYPE_PROG_ARRAY, valueSize: 4, slots: new Map([[1, 'jumped_to']]) }],
    [
      'outer',
      { type: abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, valueSize: 4, slots: new Map([[0, 'first_inner'], [2, 'second_inner']]) },
    ],
    ['.rodata', { name: 'everythi.rodata', frozen: true, flags: abi.BPF_F_RDONLY_PROG | abi.BPF_F_MMAPABLE }],
    ['.data.shared', { name: '.data.shared', frozen: false, valueSize: 4 }],
    ['.bss', { name: 'everythi.bss', valueSize: 16, data: new Uint8Array(16) }],
  ])('%s', (name, expected) => {
    expect(mapOf(object, name)).toMatchObject(expected)
  })

  test('the template of inner maps is the struct behind `values`', () => {
    expect(mapOf(object, 'outer').inner).toMatchObject(
      { type: abi.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: 2 },
    )
  })

  test('an inner map that only the loading program knows is told when the object is opened', () => {
    expect(mapOf(object, 'told_later').inner).toBeNull()
    const inner = { type: abi.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 16, maxEntries: 5 }
    expect(mapOf(open('everything', { innerMaps: { told_later: inner } }), 'told_later').inner).toMatchObject(inner)
    expect(codeOf(() => open('everything', { innerMaps: { table: inner } }))).toBe('bad-map')
    expect(codeOf(() => open('everything', { innerMaps: { nobody: inner } }))).toBe('no-map')
  })

  test('names the file does not have are told with the nearest one', () => {
    expect(() => mapOf(object, 'tabel')).toThrow(
      expect.objectContaining({ code: 'no-map', hint: 'did you mean `table`?' }),
    )
  })
})

describe('data', () => {
  test('variables read as the compiler initialised them', () => {
    expect(getVariable(object, 'limit')).toBe(7)
    expect(getVariable(object, 'greeting')).toBe('hello')
    expect(getVariable(object, 'counter')).toBe(40n)
    expect(getVariable(object, 'zeroed')).toEqual([0, 0, 0, 0])
  })

  test('variables are set before the object is loaded, constants too', () => {
    const other = open('everything')
    setVariable(other, 'limit', 12)
    setVariable(other, 'greeting', 'bye')
    setVariable(other, 'zeroed', [1, 2])
    expect(
      [getVariable(other, 'limit'), getVariable(other, 'greeting'), getVariable(other, 'zeroed')],
    ).toEqual([12, 'bye', [1, 2, 0, 0]])
    expect(mapOf(other, '.bss').data!.slice(0, 8)).toEqual(new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]))
    expect(codeOf(() => setVariable(other, 'limit', 2 ** 33))).toBe('bad-value')
    expect(codeOf(() => setVariable(other, 'greeting', 'far too long'))).toBe('bad-value')
    expect(codeOf(() => setVariable(other, 'nothing', 1))).toBe('no-variable')
    expect(getVariable(other, 'limit')).toBe(12)
  })

  test('a section that ends in an array grows with it, others do not', () => {
    const other = open('everything')
    resizeMap(other, '.bss', { valueSize: 64 })
    expect(mapOf(other, '.bss').data).toHaveLength(64)
    expect(codeOf(() => resizeMap(other, '.bss', { valueSize: 63 }))).toBe('bad-value')
    expect(codeOf(() => resizeMap(other, '.data', { valueSize: 64 }))).toBe('bad-value')
    expect(codeOf(() => resizeMap(other, 'table', { maxEntries: -1 }))).toBe('bad-value')
    resizeMap(other, 'table', { maxEntries: 3 })
    expect(mapOf(other, 'table').maxEntries).toBe(3)
  })
})

describe('externs', () => {
  test('settings lie by alignment, size, name, and hold what the configuration says', () => {
    const { data } = mapOf(object, '.kconfig')
    const view = new DataView(data!.buffer)
    expect(view.getBigUint64(0, true)).toBe(250n)
    expect(view.getInt32(8, true)).toBe((6 << 16) + (12 << 8) + 118)
    expect([...data!.slice(12, 13)]).toEqual([1])
    expect(new TextDecoder().decode(data!.slice(13, 19))).toBe('gcc 14')
    expect(object.externs.filter(({ missing }) => missing !== null)).toEqual([])
  })

  test('a weak setting that is not there is zero; a value of another kind is refused', () => {
    expect(mapOf(open('everything', { kconfig: {} }), '.kconfig').data!.slice(0, 8)).toEqual(new Uint8Array(8))
    expect(mapOf(open('everything'), '.kconfig').data![12]).toBe(1)
    expect(codeOf(() => open('everything', { kconfig: { CONFIG_HZ: '"text"' } }))).toBe('bad-value')
  })

  test('a weak kfunc that is not there is a call the verifier refuses when it gets to it', () => {
    const { code, poisoned } = programOf(object, 'calls')
    const [slot] = [...poisoned.keys()]
    expect([code.op[slot!], code.src[slot!], code.imm[slot!]! >= 2002000000]).toEqual([0x85, 0, true])
    expect([...poisoned.values()]).toEqual(['kfunc `bpf_no_such_kfunc`: weak, and not in the kernel'])
  })
})

describe('programs', () => {
  test.each([
    [
      'jumped_to',
      { section: 'lsm/bprm_check_security', attachTo: 'bprm_check_security', autoload: true, sleepable: false },
    ],
    [
      'calls',
      { section: 'lsm.s/file_open', attachTo: 'file_open', sleepable: true, expectedAttachType: abi.BPF_LSM_MAC },
    ],
    [
      'not_by_default',
      { section: 'lsm/bprm_check_security', autoload: false, tags: ['comment:not loaded by default'] },
    ],
  ])('%s', (name, expected) => {
    expect(programOf(object, name)).toMatchObject({ type: abi.BPF_PROG_TYPE_LSM, broken: null, ...expected })
  })

  test('subprograms follow in the order they are first reached, each once', () => {
    const { subprograms, code } = programOf(object, 'calls')
    expect(subprograms.map(({ name, isGlobal }) => [name, isGlobal])).toEqual(
      [['calls', true], ['each', false], ['global_sum', true], ['twice', false]])
    const starts = new Map(subprograms.map(({ name, start }) => [start, name]))
    const targets: (string | undefined)[] = []
    for (let slot = 0; slot < code.length; slot++) {
      const isCall = code.op[slot] === 0x85 && code.src[slot] === abi.BPF_PSEUDO_CALL
      const isPointer = code.op[slot] === 0x18 && code.src[slot] === abi.BPF_PSEUDO_FUNC
      if (isCall || isPointer) targets.push(starts.get(slot + 1 + code.imm[slot]!))
    }
    expect(targets).toEqual(['each', 'global_sum', 'twice', 'twice'])
  })

  test('every line is at a slot of the program, with its text', () => {
    for (const { lines, code } of object.programs) {
      expect(lines.length).toBeGreaterThan(0)
      for (const { slot, file: source, line, text } of lines) {
        expect(slot).toBeLessThan(code.length)
        expect([source, line > 0, text.length > 0]).toEqual([expect.stringMatching(/\.[ch]$/), true, true])
      }
    }
  })

  test('maps and data are named by their index', () => {
    const { code } = programOf(object, 'jumped_to')
    const slot = code.op.indexOf(0x18)
    expect(code.src[slot]).toBe(abi.BPF_PSEUDO_MAP_FD)
    expect(object.maps[code.imm[slot]!]!.symbol).toBe('table')
  })

  test('another section may be given before it is loaded', () => {
    const other = open('everything')
    const program = programOf(other, 'jumped_to')
    renameSection(program, 'lsm.s/file_ioctl', kernel)
    expect(program).toMatchObject(
      { attachTo: 'file_ioctl', sleepable: true, attachBtfId: kernel.find('bpf_lsm_file_ioctl', 'func') },
    )
    expect(codeOf(() => renameSection(program, 'lsm/no_such_hook', kernel))).toBe('no-target')
    expect(codeOf(() => renameSection(program, 'smack/file_open', kernel))).toBe('unknown-section')
  })

  test('without kernel types nothing is attached and every access to the kernel is poisoned', () => {
    const bare = open('detector', { kernelBtf: null })
    for (const program of bare.programs) {
      expect(program.attachBtfId).toBe(0)
      expect(program.poisoned.size).toBeGreaterThan(0)
      for (const why of program.poisoned.values()) expect(why).toMatch(/no kernel types were given$/)
    }
  })
})

describe('CO-RE', () => {
  const { code, poisoned } = programOf(object, 'core_kinds')
  const fileId = kernel.find('file', 'struct')
  const mode = kernel.members(fileId).find(({ name }) => name === 'f_mode')!

  test('constants are this kernel\'s', () => {
    const moved = [...code.op].flatMap((op, slot) => (op === 0xb7 ? [code.imm[slot]] : []))
    expect(moved).toContain(mode.bitOffset / 8)
    expect(moved).toContain(kernel.size(fileId))
  })

  test('a member that is not there exists not, and its load is poisoned', () => {
    expect([...poisoned.values()]).toEqual(
      ['`inode___with_more.i_no_such_member`: the kernel\'s type does not have it'],
    )
    const [slot] = [...poisoned.keys()]
    expect([code.op[slot!], code.imm[slot!]]).toEqual([0x85, 195896080])
  })
})

describe('what is seldom met', () => {
  const seldom = open('seldom')

  test('maps of before BTF are what their five words say', () => {
    expect(mapOf(seldom, 'old_counts')).toMatchObject(
      { type: abi.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 10 },
    )
    const { code } = programOf(seldom, 'before_all')
    const named = [...code.op].flatMap((op, slot) =>
      (op === 0x18 && code.src[slot] === abi.BPF_PSEUDO_MAP_FD ? [seldom.maps[code.imm[slot]!]!.symbol] : []))
    expect(named).toEqual(['old_counts', 'old_list'])
  })

  test('a struct of functions is a map that names its programs', () => {
    const map = mapOf(seldom, 'replaced')
    expect(map).toMatchObject({ type: abi.BPF_MAP_TYPE_STRUCT_OPS, slots: new Map([[0, 'answer_permission']]) })
    expect(seldom.btf!.name(map.structOpsTypeId)).toBe('inode_operations')
    expect(programOf(seldom, 'answer_permission').type).toBe(abi.BPF_PROG_TYPE_STRUCT_OPS)
  })

  test('a lone function without a section is a program that must be told what it is', () => {
    const program = programOf(open('lone'), 'lone')
    expect(program).toMatchObject({ section: '.text', type: 0, broken: null })
    renameSection(program, 'lsm/file_open', kernel)
    expect(program).toMatchObject({ type: abi.BPF_PROG_TYPE_LSM, attachTo: 'file_open' })
  })

  test('an arena begins with the variables that lie in it', () => {
    const pages = mapOf(seldom, 'pages')
    expect(new DataView(pages.data!.buffer).getInt32(0, true)).toBe(77)
    const { code } = programOf(seldom, 'probed')
    const slot = code.op.indexOf(0x18)
    expect([code.src[slot], seldom.maps[code.imm[slot]!]]).toEqual([abi.BPF_PSEUDO_MAP_VALUE, pages])
  })

  test('the callback of exceptions is linked although nothing calls it', () => {
    expect(programOf(seldom, 'before_all').subprograms.map(({ name }) => name)).toEqual(['before_all', 'cleanup'])
  })

  test.each([
    ['before_all', abi.BPF_PROG_TYPE_TRACING, abi.BPF_MODIFY_RETURN, 'security_file_open', false],
    ['after_all', abi.BPF_PROG_TYPE_TRACING, abi.BPF_TRACE_FEXIT, 'bpf_lsm_file_open', true],
    ['probed', abi.BPF_PROG_TYPE_KPROBE, 0, 'ksys_read', false],
    ['nowhere', 0, 0, null, false],
  ])('%s', (name, type, expectedAttachType, attachTo, sleepable) => {
    const program = programOf(seldom, name)
    expect(program).toMatchObject({ type, expectedAttachType, attachTo, sleepable, broken: null })
    const isFunction = type === abi.BPF_PROG_TYPE_TRACING
    expect(program.attachBtfId).toBe(isFunction ? kernel.find(attachTo!, 'func') : 0)
  })
})

describe('bad files', () => {
  test.each([
    ['nothing', new Uint8Array(), 'not-elf'],
    ['text', new TextEncoder().encode('#!/bin/sh\n'.repeat(20)), 'not-elf'],
    ['another machine', file('detector').map((byte, at) => (at === 18 ? 62 : byte)), 'not-bpf'],
    ['big-endian', file('detector').map((byte, at) => (at === 5 ? 2 : byte)), 'unsupported'],
    ['an executable', file('detector').map((byte, at) => (at === 16 ? 2 : byte)), 'not-bpf'],
  ])('%s', (_, bytes, code) => {
    expect(codeOf(() => openObject(bytes))).toBe(code)
  })

  test('a file that is cut off anywhere is refused, and never crashes the reader', () => {
    const whole = new Uint8Array(file('detector'))
    for (let length = 0; length < whole.length; length += 7) {
      expect(codeOf(() => openObject(whole.slice(0, length), { kernelBtf: kernel }))).not.toBe('none')
    }
  })

  test('a `.bss` of gigabytes is refused before it is made', () => {
    const bytes = new Uint8Array(file('everything'))
    const view = new DataView(bytes.buffer)
    const headers = Number(view.getBigUint64(40, true))
    for (let index = 0; index < view.getUint16(60, true); index++) {
      const at = headers + index * 64
      if (view.getUint32(at + 4, true) === abi.SHT_NOBITS) view.setBigUint64(at + 32, 1n << 33n, true)
    }
    expect(codeOf(() => openObject(bytes))).toBe('too-large')
  })
})

test('what another object defines is told, and how to come by it', () => {
  expect(() => openObject(file('half'))).toThrow(expect.objectContaining({
    code: 'no-extern', place: 'other_half', hint: expect.stringContaining('bpftool gen object') as string,
  }))
})
