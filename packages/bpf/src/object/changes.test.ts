/** Options of a loader, as values and as words of a command line, on an object that leaves everything open. */
import { readFileSync } from 'node:fs'
import { BPF_MAP_TYPE_HASH, EPERM } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import { bpf } from '../lsm/bpf-lsm.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { changedObject, getVariable, mapOf, openObject, readChanges, setVariable, ValueText } from './index.ts'

const bytes = new Uint8Array(readFileSync(new URL('../../objects/settings.o', import.meta.url)))
const opened = () => openObject(bytes, { kernelBtf: vmlinuxBtf() })
const errorOf = (act: () => unknown): BpfError => {
  try {
    act()
  } catch (error) {
    if (error instanceof BpfError) return error
    throw error
  }
  throw new Error('it was taken')
}

const said = (act: () => unknown): string => {
  const { code, message } = errorOf(act)
  return `${code} ${message}`
}

describe('variables as text', () => {
  test.each([
    ['enabled', 'false', false], ['enabled', '1', true],
    ['mode', 'MODE_DENY', 7], ['mode', '0', 0],
    ['least', '-2147483648', -2147483648], ['least', '+5', 5],
    ['mask', '0xffffffffffffffff', 0xffff_ffff_ffff_ffffn], ['mask', '0b101', 5n],
    ['mask', '017', 15n], ['mask', '0', 0n],
    ['label', 'dev', 'dev'], ['label', '"a\\tb"', 'a\tb'], ['label', '', ''],
    ['uids', '1,0x10', [1, 16, 0, 0]], ['uids', '[1, "0x10"]', [1, 16, 0, 0]], ['uids', '', [0, 0, 0, 0]],
    ['key', '1,2,3,4', [1, 2, 3, 4]],
    ['limits', '{"uid": 7, "strict": true, "bytes": "0xff00000000"}',
      { uid: 7, strict: true, bytes: 0xff_0000_0000n }],
  ])('%s=%s', (name, text, value) => {
    const object = opened()
    setVariable(object, name, new ValueText(text))
    expect(getVariable(object, name)).toEqual(value)
  })

  test.each([
    ['enabled', 'yes', 'bad-value enabled: `yes` is not true or false'],
    ['mode', 'MODE_DENNY',
      'bad-value mode: `MODE_DENNY` is not a value of the enumeration (did you mean `MODE_DENY`?)'],
    ['least', '1.5', 'bad-value least: `1.5` is not an integer'],
    ['least', '0x1ffffffff', 'bad-value least: 8589934591 does not fit 32 signed bits'],
    ['label', 'seventeen letters', 'bad-value label: text of 17 bytes for 16'],
    ['uids', '1,2,3,4,5', 'bad-value uids: is not an array of up to 4'],
    ['uids', '1,x', 'bad-value uids[1]: `x` is not an integer'],
    ['uids', '[1', 'bad-value uids: `[1` is not JSON (an array is [1, 2], a struct {"member": 1})'],
    ['uids', '[18446744073709551615]', 'bad-value uids[0]: 18446744073709552000 is more than JSON keeps ' +
      '(write it as text: "0xffffffffffffffff")'],
    ['limits', '{"uidd": 1}', 'bad-value limits: `limits` has no member `uidd` (did you mean `uid`?)'],
    ['limits', '[1]', 'bad-value limits: is an array, but a struct is wanted'],
    ['modes', '1', 'no-variable object: there is no variable `modes` (did you mean `mode`?)'],
  ])('%s=%s is refused', (name, text, message) => {
    expect(said(() => setVariable(opened(), name, new ValueText(text)))).toBe(message)
  })
})

describe('words of a command line', () => {
  test('are read into changes', () => {
    expect(readChanges({
      innerMap: ['rules=hash:4,8,16', 'other=BPF_MAP_TYPE_ARRAY:4,0x8,1,2'],
      map: ['sized_later:max_entries=64', 'sized_later:value_size=8,map_flags=1'],
      hook: ['lsm/generic=file_open'], set: ['mode=MODE_DENY', 'label=a=b', 'label2='],
    })).toEqual({
      innerMaps: {
        rules: { type: BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 16, flags: 0 },
        other: { type: 2, keySize: 4, valueSize: 8, maxEntries: 1, flags: 2 },
      },
      maps: { sized_later: { maxEntries: 64, valueSize: 8, flags: 1 } },
      hooks: { 'lsm/generic': 'file_open' },
      variables: { mode: new ValueText('MODE_DENY'), label: new ValueText('a=b'), label2: new ValueText('') },
    })
  })

  test.each([
    [{ innerMap: ['rules'] },
      '--inner-map: `rules` is not of the form `NAME=TYPE:key,value,max` (--inner-map rules=hash:4,8,16)'],
    [{ innerMap: ['rules=hash:4,8'] }, 'is not of the form'],
    [{ innerMap: ['rules=hsh:4,8,1'] }, '`hsh` is not a type of map (did you mean `hash`?)'],
    [{ innerMap: ['rules=hash:4,8,-1'] }, 'has `-1`, which is not a number of 32 bits'],
    [{ map: ['a=1'] }, 'is not of the form `NAME:max_entries=N`'],
    [{ map: ['a:max_entry=1'] }, '`max_entry` is not a size of a map (did you mean `max_entries`?)'],
    [{ map: ['a:max_entries=4294967296'] }, 'is not a number of 32 bits'],
    [{ hook: ['lsm/generic='] }, 'is not of the form `SECTION=HOOK`'],
    [{ set: ['=1'] }, 'is not of the form `VAR=VALUE`'],
  ])('%j is refused', (words, message) => {
    const { code, message: text } = errorOf(() => readChanges(words))
    expect([code, text]).toEqual(['bad-option', expect.stringContaining(message) as string])
  })
})

describe('changes of an object', () => {
  test('go into a copy', () => {
    const object = opened()
    const changed = changedObject(object, {
      maps: { sized_later: { maxEntries: 8 } }, variables: { seen: 3 }, hooks: { 'lsm/generic': 'file_open' },
      innerMaps: { rules: { type: 2, keySize: 4, valueSize: 8, maxEntries: 1 } },
    }, vmlinuxBtf())
    expect(mapOf(object, 'sized_later').maxEntries).toBe(0)
    expect(mapOf(changed, 'sized_later').maxEntries).toBe(8)
    expect([getVariable(object, 'seen'), getVariable(changed, 'seen')]).toEqual([0, 3])
    expect(changed.programs.map(({ section }) => section)).toEqual(['lsm/file_open', 'lsm'])
    expect(object.programs.map(({ section }) => section)).toEqual(['lsm/generic', 'lsm'])
    expect([mapOf(object, 'rules').inner, mapOf(changed, 'rules').inner?.symbol]).toEqual([null, 'rules.inner'])
    expect(changedObject(object, {}, null)).toBe(object)
  })

  test.each([
    [{ hooks: { generic: 'lsm.s/file_open' } }, ['lsm.s/file_open', 'lsm']],
    [{ hooks: { lsm: 'bprm_check_security' } }, ['lsm/generic', 'lsm/bprm_check_security']],
  ])('hooks %j', (changes, sections) => {
    expect(changedObject(opened(), changes, vmlinuxBtf()).programs.map(({ section }) => section)).toEqual(sections)
  })

  test.each([
    [{ innerMaps: { rule: { type: 1, keySize: 4, valueSize: 4, maxEntries: 1 } } }, 'no-map', 'did you mean `rules`?'],
    [{ innerMaps: { sized_later: { type: 1, keySize: 4, valueSize: 4, maxEntries: 1 } } }, 'bad-map', 'holds no maps'],
    [{ maps: { sized_latr: { maxEntries: 1 } } }, 'no-map', 'did you mean `sized_later`?'],
    [{ hooks: { 'lsm/generik': 'file_open' } }, 'no-program', 'did you mean `lsm/generic`?'],
    [{ hooks: { 'lsm/generic': 'file_opne' } }, 'no-target', 'did you mean `file_open`?'],
    [{ hooks: { 'lsm/generic': 'smack/file_open' } }, 'unknown-section', 'no program type has a section'],
    [{ variables: { sen: 1 } }, 'no-variable', 'did you mean `seen`?'],
    [{ variables: { seen: 'x' } }, 'bad-value', 'is not an integer'],
  ])('%j is refused', (changes, code, message) => {
    expect(said(() => changedObject(opened(), changes, vmlinuxBtf()))).toMatch(new RegExp(`^${code} `))
    expect(said(() => openObject(bytes, { kernelBtf: vmlinuxBtf(), ...changes }))).toContain(message)
  })
})

describe('what an object leaves open is told with its option', () => {
  const options = readChanges({
    innerMap: ['rules=array:4,8,1'], map: ['sized_later:max_entries=4'],
    hook: ['lsm/generic=file_open', 'lsm=bprm_check_security'],
  })
  const load = (left: Readonly<Record<string, unknown>>) => {
    const programs = bpf()
    const stack = createStack({ lsms: [capability(), programs] })
    return programs.load(stack, bytes, { ...options, ...left }).attachAll()
  }

  test.each([
    [{ innerMaps: {} }, 'rules: holds maps, but nothing shows which (give ' +
      '`innerMaps: { rules: { type: BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 16 } }`, ' +
      'or at the command line `--inner-map rules=hash:4,8,16`)'],
    [{ maps: {} }, 'sized_later: the kernel makes no such BPF_MAP_TYPE_HASH of max_entries 0 (EINVAL) (give ' +
      '`maps: { sized_later: { maxEntries: 1024 } }`, or at the command line `--map sized_later:max_entries=1024`)'],
    [{ hooks: { lsm: 'bprm_check_security' } },
      "generic: the kernel's types have no function `generic` that it could be attached to: give " +
      "`hooks: { 'lsm/generic': 'file_open' }`, or at the command line `--hook lsm/generic=file_open` (EINVAL)"],
    [{ hooks: { generic: 'file_open' } }, 'anywhere: section `lsm` names nothing that it could be attached to: give ' +
      "`hooks: { 'lsm': 'file_open' }`, or at the command line `--hook lsm=file_open` (EINVAL)"],
  ])('without %j', (left, message) => {
    expect(() => load(left)).toThrow(message)
  })

  test('and with all of them it loads, and decides by its variables', () => {
    const programs = bpf()
    const stack = createStack({ lsms: [capability(), programs] })
    const { variables } = readChanges({ set: [
      'mode=MODE_DENY', 'label=dev', 'least=0', 'key=1,2,3,4', 'uids=5,0', 'mask=1', 'limits={"bytes": 1}',
    ] })
    const object = opened()
    const ask = (changes: object): number => {
      const loaded = programs.load(stack, object, { ...options, ...changes })
      loaded.attachAll()
      const rc = stack.lsm.bprm_check_security.ask(null as never)
      loaded.unload()
      return rc
    }
    expect([ask({}), ask({ variables }), ask({})]).toEqual([0, -EPERM, 0])
  })
})
