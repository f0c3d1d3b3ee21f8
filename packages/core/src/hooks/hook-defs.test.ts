import { existsSync, readFileSync } from 'node:fs'
import { errnoName } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { linux612 } from '../dispatch/profile.ts'
import { linuxNext } from '../dispatch/next-profile.ts'
import { linux618, linux73 } from '../dispatch/release-profiles.ts'
import { shapes } from '../special/index.ts'
import type { AnyHookDef } from './hook-types.ts'
import { hookDefs, hookNames } from './hook-defs.ts'

const facts = new URL('../../../../../shared/facts/lsm-hooks.tsv', import.meta.url)
const there = existsSync(facts)

/** The columns of the facts table that the hook table says something about. */
const columnsOf = (hook: string, def: AnyHookDef): Record<string, string> => {
  const isVoid = def.ret === 'void'
  const notes = [
    ...(def.allocates === null ? [] : [`allocates-blob:${def.allocates}`, 'frees-on-nonzero']),
    ...(def.privateGuard ? ['skips-private-inode'] : []),
    ...(def.presets ? ['presets-output'] : []),
    ...(def.bugOn ? ['BUG_ON-nonzero'] : []),
  ]
  return {
    hook,
    ret: def.ret,
    default: isVoid ? 'LSM_RET_VOID' : def.default < 0 ? `-${errnoName(-def.default)}` : String(def.default),
    default_errno: isVoid ? 'void' : String(def.default),
    params: def.params,
    nparams: String(def.nparams),
    category: def.category,
    dispatch: isVoid
      ? 'void-all'
      : def.special
        ? 'special'
        : def.default === 0
          ? 'bail-on-nonzero'
          : 'bail-on-nondefault',
    macro: shapes[hook]?.walk ? 'lsm_for_each_hook' : isVoid ? 'call_void_hook' : 'call_int_hook',
    wrapper_notes: notes.join('; ') || '-',
    bpf_sleepable: def.bpf.sleepable ? 'yes' : 'no',
    bpf_disabled: def.bpf.disabled ? 'yes' : 'no',
    bpf_ret_range: def.bpf.disabled
      ? 'n/a'
      : { errno: '-4095..0', bool: '0..1', any: 'any(ignored)' }[def.bpf.returns],
    bpf_tramp: isVoid ? 'fexit' : 'fmod_ret',
    bpf_notes: def.bpf.notes.join(',') || '-',
  }
}

describe.skipIf(!there)(`against the recorded header${there ? '' : ' (skipped: ../shared is absent)'}`, () => {
  const [header, ...lines] = there ? readFileSync(facts, 'utf8').trimEnd().split('\n') : ['']
  const names = header!.split('\t')
  const rows = lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i]!, cell])))

  test('has its hooks, in its order', () => {
    expect(hookNames).toEqual(rows.map((row) => row.hook))
    expect(hookNames).toHaveLength(271)
  })

  test.each(rows.map((row) => ({ hook: row.hook as keyof typeof hookDefs, row })))('$hook', ({ hook, row }) => {
    const columns = columnsOf(hook, hookDefs[hook])
    expect(columns).toEqual(Object.fromEntries(Object.keys(columns).map((name) => [name, row[name]])))
  })
})

test('218 int hooks and 53 void hooks; 16 of them have another default than 0, 15 an explicit function', () => {
  const defs: AnyHookDef[] = Object.values(hookDefs)
  expect(defs.filter((def) => def.ret === 'int')).toHaveLength(218)
  expect(defs.filter((def) => def.ret === 'void')).toHaveLength(53)
  expect(defs.filter((def) => def.default !== 0)).toHaveLength(16)
  expect(defs.filter((def) => def.special)).toHaveLength(15)
})

test.each([linux612, linux618, linux73, linuxNext])(
  'profile $name: shapes belong to its hooks, guards and allocations have one',
  ({ hooks, shapes: own }) => {
    const names = Object.keys(hooks)
    expect(Object.keys(own).filter((hook) => !names.includes(hook))).toEqual([])
    for (const [hook, def] of Object.entries(hooks)) {
      if (def.special || def.privateGuard || def.presets || def.allocates !== null)
        expect(own, hook).toHaveProperty(hook)
    }
  },
)

test('the profile `next` has 280 hooks', () => {
  expect(Object.keys(linuxNext.hooks)).toHaveLength(280)
})
