/**
 * No call that begins after `attach`, `detach`, `observe` or `modifyReturn` returned sees what was before: random
 * changes from outside and from within, on every strategy against a plain model. The fuzzer `dispatch` goes on with it.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { play, playText } from '../../test/dispatch-model/play.ts'
import { randomScript } from '../../test/dispatch-model/generate.ts'
import { answers, groups, hooks, scriptText } from '../../test/dispatch-model/script.ts'
import type { Step } from '../../test/dispatch-model/script.ts'

const hook = fc.constantFrom(...hooks.slice(0, 4))
const answer = fc.oneof(fc.constant(0), fc.constantFrom(...answers))
const at = fc.constantFrom('entry', 'exit', 'both')
const steps = fc.letrec<{ step: Step }>((tie) => {
  const inside = fc.option(fc.record({ at: fc.integer({ min: 1, max: 3 }), step: tie('step') }), { maxDepth: 2 })
  return {
    step: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'inside' },
      fc.record({ kind: fc.constant('ask'), hook, count: fc.constantFrom(1, 2, 300) }),
      fc.record({ kind: fc.constant('detach'), link: fc.nat(6) }),
      fc.record({ kind: fc.constant('time'), ms: fc.constantFrom(1, 19, 20, 100) }),
      fc.record({ kind: fc.constantFrom('attach', 'modify'), hook, answer, inside }),
      fc.record({ kind: fc.constant('group'), hook, answer, group: fc.constantFrom(...groups), inside }),
      fc.record({ kind: fc.constantFrom('observe', 'observe-bpf'), hook, at, inside }),
    ) as fc.Arbitrary<Step>,
  }
}).step
const members = fc.array(fc.record({ kind: fc.constant('lsm' as const), hook, answer, inside: fc.constant(null) }), {
  maxLength: 4,
})

const permissive = fc.subarray(['m0', 'm1', 'm2', 'm3', 'bpf'])
  .map((names) => names.map((lsm) => ({ kind: 'permissive' as const, lsm })))

test('every strategy does as the model', () => {
  fc.assert(fc.property(members, permissive, fc.array(steps, { maxLength: 30 }), (lsms, named, script) => {
    const all = [...lsms, ...named, ...script]
    const { difference } = play(all)
    if (difference !== null) throw new Error(`${difference}\n${scriptText(all)}`)
  }), { numRuns: 150 })
})

test.each([
  { what: 'a modifier that was detached decides nothing', script: `
    attach file_open 0
    modify file_open 1
    detach 1
    ask file_open 3` },
  { what: 'nor does one that is detached in a later burst', script: `
    attach file_open 0
    time 100
    modify file_open 1
    modify file_open 2
    ask file_open 300
    detach 1
    detach 2
    ask file_open 300` },
  { what: 'nor an observer', script: `
    attach file_open 0
    observe file_open both
    detach 1
    ask file_open 1` },
  { what: 'what an observer of entry attaches is asked in the same call', script: `
    observe file_open entry 1:attach file_open -13
    ask file_open 2` },
  { what: 'also when there was somebody, and no burst', script: `
    lsm file_open 0
    observe file_open entry 2:attach file_open -13
    time 100
    ask file_open 2` },
  { what: 'a permissive LSM and permissive programs refuse nothing, but where they are obeyed', script: `
    lsm file_open -13
    lsm file_alloc_security -13
    lsm inode_permission -10
    permissive m0
    permissive m1
    permissive m2
    permissive bpf
    attach file_open -1
    attach file_open -4096
    ask file_open 2
    ask file_alloc_security 1
    ask inode_permission 1` },
  { what: 'what a member attaches is asked in the next', script: `
    lsm file_open 0 1:attach file_open -13
    ask file_open 2` },
])('$what', ({ script }) => {
  expect(playText(script.replaceAll(/^ +/gm, '')).difference).toBe(null)
})

test('the scripts of the fuzzer read back as they were written', () => {
  let state = 1
  const numbers = { below: (count: number) => ((state = Math.imul(state, 48271) & 0x7fff_ffff) >>> 8) % count }
  for (let run = 0; run < 20; run++) {
    const script = randomScript(numbers)
    expect(playText(scriptText(script))).toEqual(play(script))
  }
})
