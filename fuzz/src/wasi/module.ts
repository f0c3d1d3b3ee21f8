/** Random modules that are valid: computation without end, growth, bulk operations, exceptions, calls of preview 1. */
import { preview1Table } from '@lsmkit/wasi'
import { call, i32, i64, op, testModule } from '@lsmkit/wasi/fuzz'
import type { Random } from '../frame/random.ts'

type Code = readonly number[]

const WASI = 'wasi_snapshot_preview1'
const FUNCREF = 0x70
const PAGES = 4
const LOCALS = 4
const HELPERS = 2
/** How deep blocks lie in one another, and how many statements a block has at most. */
const DEEPEST = 4
const STATEMENTS = 6

const names = Object.keys(preview1Table) as (keyof typeof preview1Table)[]

const WIDE: ReadonlySet<string> = new Set(['u64', 's64', 'rights'])
/** `i` and `I` for each parameter that a module passes. */
const signatureOf = (name: keyof typeof preview1Table): string => {
  const { params } = preview1Table[name]
  const types = params === '' ? [] : params.split(', ').map((param) => param.slice(param.indexOf(' ') + 1))
  const letterOf = (type: string): string => (type === 'str' ? 'ii' : WIDE.has(type) ? 'I' : 'i')
  const letters = types.map(letterOf).join('')
  return `${letters}:${name === 'proc_exit' ? '' : 'i'}`
}

const NUMBERS = [
  0, 1, 2, 3, 4, 8, 16, 64, 100, 1000, 4096, 65535, 65536, 2 ** 20, 2 ** 26, 2 ** 30, 2 ** 31 - 1, -1, -2, -(2 ** 31),
]
const PATHS = ['a', 'b/c', 'tmp', 'tmp/a', '.', '..', '/', 'proc/self/maps', 'dev/null', 'tmp/../tmp/x']
const TEXT_AT = 1024
const TEXT_SIZE = 32

const number = (random: Random): Code => i32(random.oneIn(4) ? random.word() | 0 : random.pick(NUMBERS))
/** Leaves a word. */
const value = (random: Random): Code =>
  random.oneIn(2) ? [op.local_get, random.below(LOCALS)] : number(random)
const length = (random: Random): Code => i32(random.pick([0, 1, 100, 5000, 65536, 200_000, 2 ** 24, -1]))

/** A call with arguments that often mean something: descriptors that are open, addresses that are the program's. */
const importCall = (random: Random, index: number): Code => {
  const name = names[index]!
  const { params } = preview1Table[name]
  const args = params === '' ? [] : params.split(', ').flatMap((param): number[] => {
    switch (param.slice(param.indexOf(' ') + 1)) {
      case 'fd': return i32(random.below(8))
      case 'str': {
        const at = random.below(PATHS.length)
        return [...i32(TEXT_AT + at * TEXT_SIZE), ...i32(PATHS[at]!.length)]
      }
      case 'ptr': return i32(random.oneIn(6) ? random.word() | 0 : random.below(PAGES * 65536))
      case 'size': return i32(random.oneIn(6) ? random.word() | 0 : random.below(64))
      case 'u64': case 's64': return i64(random.oneIn(3) ? random.word() : random.below(5000))
      case 'rights': return i64(random.oneIn(3) ? random.word() % 2 ** 29 : 0x42)
      default: return i32(random.below(12))
    }
  })
  return [...args, ...call(index), ...(name === 'proc_exit' ? [] : [op.local_set, random.below(LOCALS)])]
}

const statement = (random: Random, depth: number): Code => {
  const block = (): Code =>
    Array.from({ length: 1 + random.below(STATEMENTS) }, () => statement(random, depth + 1)).flat()
  const isFlat = depth >= DEEPEST
  switch (random.below(isFlat ? 12 : 18)) {
    case 0: return [...value(random), op.local_set, random.below(LOCALS)]
    case 1: return [...value(random), ...value(random), op.i32_add, op.local_set, random.below(LOCALS)]
    case 2: return [...value(random), ...value(random), op.i32_div_s, op.local_set, random.below(LOCALS)]
    case 3: return [...value(random), op.i32_load, 2, 0, op.local_set, random.below(LOCALS)]
    case 4: return [...value(random), ...value(random), op.i32_store, 2, 0]
    case 5: return [...i32(random.pick([0, 1, 3, 1000, 70_000, -1])), op.memory_grow, 0, op.drop]
    case 6: return [...value(random), ...value(random), ...length(random), ...op.memory_fill, 0]
    case 7: return [...value(random), ...value(random), ...length(random), ...op.memory_copy, 0, 0]
    case 8: return [0xd0, FUNCREF, ...number(random), ...op.table_grow, random.below(2), op.drop]
    case 9: return [...value(random), 0xd0, FUNCREF, ...length(random), ...op.table_fill, random.below(2)]
    case 10: return call(names.length + 1 + random.below(HELPERS))
    case 11: case 12: case 13: return importCall(random, random.below(names.length))
    case 14: return [op.loop, op.void, ...block(), ...value(random), op.br_if, 0, op.end]
    case 15: return [op.block, op.void, ...block(), ...value(random), op.br_if, 0, ...block(), op.end]
    case 16: return [...value(random), op.if, op.void, ...block(), op.else, ...block(), op.end]
    default: {
      const thrown = random.oneIn(2) ? [0x08, 0] : []
      return [op.try, op.void, ...block(), ...thrown, op.catch_all, ...block(), op.end]
    }
  }
}

export const randomModule = (random: Random): Uint8Array<ArrayBuffer> => {
  const body = (): { locals: number; code: Code } =>
    ({ locals: LOCALS, code: Array.from({ length: 3 + random.below(12) }, () => statement(random, 0)).flat() })
  const sections: Readonly<Record<number, readonly number[]>> = {
    4: [2, FUNCREF, 0, random.below(50), FUNCREF, 1, 0, 100],
    13: [1, 0, names.length + 1 + HELPERS],
  }
  const helpers = Object.fromEntries(Array.from({ length: HELPERS }, (_, i) => [`helper${i}`, body()]))
  return testModule({
    imports: names.map((name) => [WASI, name, signatureOf(name)] as const),
    memory: random.oneIn(2) ? [PAGES] : [PAGES, random.pick([4, 16, 65536])],
    data: Object.fromEntries(PATHS.map((path, i) => [TEXT_AT + i * TEXT_SIZE, path])),
    functions: { _start: body(), ...helpers },
    types: [[0x60, 0, 0]],
    sections: random.oneIn(4) ? { ...sections, 8: [names.length + 1] } : sections,
  })
}
