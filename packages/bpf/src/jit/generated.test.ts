/** Generated code as a reviewer sees it: a change of the compiler shows here. */
import { bpfHelperName } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import { functionTexts } from '../testing/wasm-text.ts'
import { link } from '../vm/link.ts'
import type { LinkEnv } from '../vm/link.ts'
import { compileTogether } from './compile.ts'
import type { Places } from './frame.ts'

/** Round numbers, so that the text can be read. */
const places: Places = {
  first: 4096, dataStart: 1_000_000, end: 2_000_000, size: 1_900_000, objects: { start: 2_000_000, end: 3_000_000 },
  stackLimit: 1_000_000, leafFrame: 1_100_000,
  contexts: 10_000, high: 100, stack: 104, fuel: 108, tails: 112,
}

/** The entry of a program. */
const entry = (text: string, env: LinkEnv = {}): string => {
  const helper = (id: number) => ({ name: bpfHelperName(id), args: 'iil', result: 'u' as const, call: () => 0 })
  const program = link(assemble(text), { contextSize: 16, helper, ...env }, () => 0)
  return functionTexts(compileTogether([program], places, 1000)[0]!.bytes)[0]!
}

test('arithmetic and a known place in the context', () => {
  expect(entry('r0 = *(u32 *)(r1 +8)\nw0 += 5\nr0 <<= 3\nexit')).toMatchInlineSnapshot(`
    "(local i64 × 13)
    (local i32 × 1)
    local.get 0
    i64.extend_i32_u
    local.set 3
    local.get 1
    i32.const 512
    i32.add
    i64.extend_i32_u
    local.set 12
    local.get 0
    i64.load32_u offset=8
    local.set 2
    local.get 2
    i32.wrap_i64
    i32.const 5
    i32.add
    i64.extend_i32_u
    local.set 2
    local.get 2
    i64.const 3
    i64.shl
    local.set 2
    local.get 2
    return
    unreachable"
  `)
})

test('a loop counts; a jump forward leaves a block', () => {
  const text = 'r0 = 0\nr2 = 9\nl:\nif r0 == 3 goto skip\nr0 += 1\nskip:\nr2 -= 1\nif r2 != 0 goto l\nexit'
  expect(entry(text)).toMatchInlineSnapshot(`
    "(local i64 × 13)
    (local i32 × 2)
    local.get 0
    i64.extend_i32_u
    local.set 3
    i32.const 108
    i32.load offset=0
    local.set 16
    local.get 1
    i32.const 512
    i32.add
    i64.extend_i32_u
    local.set 12
    i64.const 0
    local.set 2
    i64.const 9
    local.set 4
    loop
      block
        local.get 2
        i64.const 3
        i64.eq
        br.if 0
        local.get 2
        i64.const 1
        i64.add
        local.set 2
        br 0
      end
      local.get 4
      i64.const 1
      i64.sub
      local.set 4
      local.get 4
      i64.const 0
      i64.ne
      if
        local.get 16
        i32.const 5
        i32.sub
        local.tee 16
        i32.const 0
        i32.lt_s
        if
          i32.const 2
          i32.const 2
          call 0
          unreachable
        end
        br 1
      end
      i32.const 108
      local.get 16
      i32.store offset=0
      local.get 2
      return
    end
    unreachable"
  `)
})

test('a loop that goes round a known number of times is counted and checked before it begins', () => {
  const loop = 'l:\n*(u64 *)(r2 +0) = r3\nr2 += 8\nr3 -= 1\nif r3 != 0 goto l'
  const text = `r2 = *(u64 *)(r1 +0)\nr3 = 9\n${loop}\nr0 = 0\nexit`
  expect(entry(text)).toMatchInlineSnapshot(`
    "(local i64 × 13)
    (local i32 × 2)
    local.get 0
    i64.extend_i32_u
    local.set 3
    i32.const 108
    i32.load offset=0
    local.set 16
    local.get 1
    i32.const 512
    i32.add
    i64.extend_i32_u
    local.set 12
    local.get 0
    i64.load offset=0
    local.set 4
    i64.const 9
    local.set 5
    local.get 16
    i32.const 45
    i32.sub
    local.tee 16
    i32.const 0
    i32.lt_s
    if
      i32.const 2
      i32.const 2
      call 0
      unreachable
    end
    local.get 4
    i64.const 1000000
    i64.sub
    i64.const 999936
    i64.gt_u
    if
      i32.const 2
      i32.const 1
      call 0
      unreachable
    end
    loop
      local.get 4
      i32.wrap_i64
      local.get 5
      i64.store offset=0
      local.get 4
      i64.const 8
      i64.add
      local.set 4
      local.get 5
      i64.const 1
      i64.sub
      local.set 5
      local.get 5
      i64.const 0
      i64.ne
      if
        br 1
      end
      i64.const 0
      local.set 2
      i32.const 108
      local.get 16
      i32.store offset=0
      local.get 2
      return
    end
    unreachable"
  `)
})

test('a load and a store at places that only running tells are checked', () => {
  const text = 'r2 = *(u64 *)(r1 +0)\nr3 = *(u16 *)(r2 +4)\n*(u8 *)(r2 -1) = r3\nr0 = 0\nexit'
  expect(entry(text)).toMatchInlineSnapshot(`
    "(local i64 × 13)
    (local i32 × 1)
    local.get 0
    i64.extend_i32_u
    local.set 3
    local.get 1
    i32.const 512
    i32.add
    i64.extend_i32_u
    local.set 12
    local.get 0
    i64.load offset=0
    local.set 4
    local.get 4
    i64.const 4096
    i64.sub
    i64.const 1995904
    i64.gt_u
    if
      i32.const 1
      i32.const 1
      call 0
      unreachable
    end
    local.get 4
    i32.wrap_i64
    i64.load16_u offset=4
    local.set 5
    local.get 4
    i64.const -1
    i64.add
    local.tee 13
    i64.const 1000000
    i64.sub
    i64.const 999999
    i64.gt_u
    if
      i32.const 2
      i32.const 1
      call 0
      unreachable
    end
    local.get 13
    i32.wrap_i64
    local.get 5
    i64.store8 offset=0
    i64.const 0
    local.set 2
    local.get 2
    return
    unreachable"
  `)
})

test('a look-up in a known array is an index, compared and scaled', () => {
  const map = { kind: 'array', values: 1_500_000, stride: 8, entries: 16 } as const
  const text = '*(u32 *)(r10 -4) = 2\nr1 = map[0]\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\nexit'
  expect(entry(text, { wide: () => ({ low: 900_000, high: 0, map }) })).toMatchInlineSnapshot(`
    "(local i64 × 13)
    (local i32 × 1)
    local.get 0
    i64.extend_i32_u
    local.set 3
    local.get 1
    i32.const 512
    i32.add
    i64.extend_i32_u
    local.set 12
    local.get 1
    i64.const 2
    i64.store32 offset=508
    i64.const 900000
    local.set 3
    local.get 12
    local.set 4
    local.get 4
    i64.const -4
    i64.add
    local.set 4
    local.get 1
    i32.load offset=508
    local.tee 15
    i32.const 8
    i32.mul
    i32.const 1500000
    i32.add
    i32.const 0
    local.get 15
    i32.const 16
    i32.lt_u
    select
    i64.extend_i32_u
    local.set 2
    local.get 2
    return
    unreachable"
  `)
})
