import { describe, expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import {
  AndroidError, attributeMembers, booleanNames, checkContexts, checkMapping, checkNeverallows, checkTestData,
  combineMappings, compareContexts, differingTypes, duplicateRules, equivalentTypes, identityMapping, isPropertyValue,
  parseMapping, parseNeverallows, permissiveTypes, PropertyContexts, SeappContexts, ServiceContexts,
} from './index.ts'

const file = (text: string, name = 'f') => [{ name, text }]

describe('property_contexts', () => {
  const contexts = new PropertyContexts([...file(`
    * u:object_r:default_prop:s0
    ro. u:object_r:ro_prop:s0 prefix string
    ro.boot u:object_r:bootish_prop:s0
    ro.boot.mode u:object_r:mode_prop:s0 exact enum normal recovery
    sys.usb u:object_r:usb_prop:s0 prefix
    sys.usb.count u:object_r:count_prop:s0 exact uint
  `), ...file('vendor. u:object_r:vendor_prop:s0 prefix bool', 'vendor')])

  test.each([
    ['anything', 'default_prop', null], ['ro.x', 'ro_prop', 'string'], ['ro.bootx', 'bootish_prop', 'string'],
    ['ro.boot.mode', 'mode_prop', 'enum normal recovery'], ['ro.boot.mode2', 'bootish_prop', 'string'],
    ['sys.usb.count', 'count_prop', 'uint'], ['sys.usb.count.x', 'usb_prop', null], ['vendor.a', 'vendor_prop', 'bool'],
  ])('%s: %s %s', (name, type, value) => {
    expect(contexts.lookup(name)).toMatchObject({ context: `u:object_r:${type}:s0`, type: value })
  })

  test.each([
    ['bool', 'yes', true], ['bool', '2', false], ['int', '-0x1f', true], ['int', '1.5', false], ['uint', '-1', false],
    ['double', '1e3', true], ['size', '5m', true], ['size', '5', false], ['enum a b', 'b', true], ['enum a b', 'c',
      false],
    [null, 'anything', true],
  ])('%s has the value %s: %s', (type, value, is) => expect(isPropertyValue(type, value)).toBe(is))

  test.each([
    ['a', 'bad-line'], ['a u:object_r:t:s0 suffix', 'bad-line'], ['a u:object_r:t:s0 exact text', 'bad-type'],
    ['a u:object_r:t:s0 exact enum', 'bad-type'], ['a u:object_r:t:s0\na u:object_r:t:s0', 'duplicate'],
    ['a( u:object_r:t:s0', 'bad-line'],
  ])('%j is refused', (text, code) => {
    expect(() => new PropertyContexts(file(text))).toThrow(expect.objectContaining({ code }))
  })

  test('nothing fits without a default, and a strict file says how it matches', () => {
    expect(new PropertyContexts(file('a u:r:t:s0')).lookup('b')).toBeNull()
    expect(() => new PropertyContexts(file('a u:r:t:s0'), true)).toThrow(AndroidError)
  })
})

test('service contexts: a whole name, or any', () => {
  const contexts = new ServiceContexts(file('activity u:object_r:activity_service:s0\n* u:object_r:default_service:s0'))
  expect(contexts.lookup('activity')?.context).toBe('u:object_r:activity_service:s0')
  expect(contexts.lookup('activity2')?.context).toBe('u:object_r:default_service:s0')
  expect(new ServiceContexts(file('a u:r:t:s0')).lookup('b')).toBeNull()
  expect(() => new ServiceContexts(file('a'))).toThrow('no context')
  expect(() => new ServiceContexts(file('a b c'))).toThrow('too many')
  expect(() => new ServiceContexts(file('a b\na b'))).toThrow('already')
})

describe('seapp_contexts', () => {
  const contexts = new SeappContexts(file(`
    isSystemServer=true domain=system_server
    user=_app domain=untrusted type=app_data levelFrom=all
    user=_app minTargetSdkVersion=30 domain=untrusted_30 type=app_data levelFrom=app
    user=_app seinfo=platform domain=platform_app type=app_data levelFrom=user
    user=_app seinfo=platform name=com.example.* domain=example_app type=example_data level=s0:c9
    user=_app seinfo=platform name=com.example.one domain=one_app type=example_data
    user=_app isPrivApp=true domain=priv_app type=priv_data levelFrom=user
    user=_isolated domain=isolated levelFrom=user
    user=system seinfo=platform domain=system_app type=system_data
    user=shell* domain=shellish
    user=_app fromRunAs=true domain=runas levelFrom=app
  `))
  const domain = (uid: number, seinfo?: string, packageName?: string, more = {}) => {
    const found = contexts.lookup('domain', {
      uid, ...(seinfo === undefined ? {} : { seinfo }), ...(packageName === undefined ? {} : { packageName }), ...more,
    })
    return found === null ? null : `${found.type} ${found.level}`
  }

  test.each([
    [10_100, 'default', undefined, 'untrusted s0:c100,c256,c512,c768'],
    [10_100 + 100_000 * 10, 'default', undefined, 'untrusted s0:c100,c256,c522,c768'],
    [10_356, 'default:targetSdkVersion=33', undefined, 'untrusted_30 s0:c100,c257'],
    [10_001, 'platform', undefined, 'platform_app s0:c512,c768'],
    [10_001, 'platform', 'com.example.two', 'example_app s0:c9'], [10_001, 'PLATFORM', 'COM.example.one', 'one_app s0'],
    [10_001, 'default:privapp', undefined, 'priv_app s0:c512,c768'], [90_001, 'default', undefined,
      'isolated s0:c512,c768'],
    [1000, 'platform', undefined, 'system_app s0'], [2000, undefined, undefined, 'shellish s0'],
    [10_001, 'default:fromRunAs', undefined, 'runas s0:c1,c256'], [1001, 'default', undefined, null],
  ])('%i %s %s: %s', (uid, seinfo, name, expected) => expect(domain(uid, seinfo, name)).toBe(expected))

  test('the system server, types of files, and users that are not known', () => {
    expect(domain(1000, undefined, undefined, { isSystemServer: true })).toBe('system_server s0')
    expect(contexts.lookup('type', { uid: 10_001, seinfo: 'platform' })?.type).toBe('app_data')
    expect(contexts.lookup('type', { uid: 90_001, seinfo: 'default' })).toBeNull()
    expect(() => domain(5000)).toThrow('not known')
    expect(domain(5000, undefined, undefined, { userName: 'shell_x' })).toBe('shellish s0')
    expect(() => domain(10_001, 'default:targetSdkVersion=x')).toThrow(AndroidError)
  })

  test.each([
    ['user=_app name=com.a domain=a', 'insecure'], ['usr=_app domain=a', 'bad-selector'], ['user', 'bad-selector'],
    ['user=_app user=_app domain=a', 'duplicate'], ['user=_app domain=a\nuser=_app domain=b', 'duplicate'],
    ['isPrivApp=maybe domain=a', 'bad-selector'], ['levelFrom=some domain=a', 'bad-selector'],
    ['minTargetSdkVersion=-1 domain=a', 'bad-selector'], ['seinfo=a:b domain=a', 'bad-selector'],
  ])('%j is refused', (text, code) => {
    expect(() => new SeappContexts(file(text))).toThrow(expect.objectContaining({ code }))
  })
})

const { policy } = compileCil([{ name: 'a.cil', text: `
(mls true) (class file (read write open)) (class process (transition)) (classorder (file process))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(role r) (role object_r) (user u) (userrole u r) (userrole u object_r) (userlevel u (s0)) (userrange u ((s0) (s0 (c0))))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r init ((s0) (s0))))
(typeattribute domain) (typeattribute file_type) (typeattribute fs_type) (typeattribute dev_type)
(typeattribute property_type) (expandtypeattribute (domain file_type fs_type dev_type property_type) false)
(type init) (type app) (type app2) (type data) (type prop) (type spare)
(typeattributeset domain (init app app2)) (typeattributeset file_type (data)) (typeattributeset property_type (prop))
(typeattributeset fs_type (spare)) (typeattributeset dev_type (spare))
(roletype r domain) (roletype object_r data) (roletype object_r prop) (roletype object_r spare)
(allow domain data (file (read open))) (allow app data (file (read))) (allow app data (file (write)))
(allow app2 data (file (write))) (allow init self (process (transition)))
(dontaudit init fs_type (file (open))) (dontaudit init dev_type (file (open)))
(dontaudit init file_type (file (open))) (dontaudit init property_type (file (open)))
(typepermissive app2) (boolean later false) (booleanif later (true (allow app spare (file (write)))))
` }], { version: 33 })

describe('checkfc', () => {
  test.each([
    ['file', '/data u:object_r:data:s0\n/x <<none>>', []], ['file', '/data u:object_r:prop:s0',
      ['none of the attributes']],
    ['file', '/data u:object_r:gone:s0', ['no type `gone`']], ['file', '/data -d u:object_r:data:s0', []],
    ['property', 'a.b u:object_r:prop:s0 exact int', []], ['property', 'a.b u:object_r:data:s0',
      ['none of the attributes']],
  ] as const)('%s %j', (mode, text, words) => {
    const problems = checkContexts(policy, mode, file(text))
    expect(problems).toHaveLength(words.length)
    for (const word of words) expect(problems[0]!.message).toContain(word)
  })

  test('the policy has to have the attribute', () => {
    expect(() => checkContexts(policy, 'service', file('a u:object_r:data:s0'))).toThrow('service_manager_type')
  })

  test('two files, and paths with their types', () => {
    const [a, b] = ['/a u:r:a:s0', '/a u:r:a:s0\n/b u:r:b:s0'].map((text) => ({ name: 'f', text }))
    expect([compareContexts(a!, b!), compareContexts(b!, a!), compareContexts(a!, a!)]).toEqual(['subset', 'superset',
      'equal'])
    expect(compareContexts(a!, { name: 'g', text: '/c u:r:c:s0' })).toBe('incomparable')
    expect(checkTestData(b!, { name: 't', text: '/a a\n/a x\n/none y' })).toEqual({
      wrong: [{ place: 't:2', message: '/a has type a, not x' }, { place: 't:3', message: '/none has no context' }],
      untried: ['u:r:b:s0'],
    })
  })
})

test('the questions of sepolicy-analyze', () => {
  expect(permissiveTypes(policy)).toEqual(['app2'])
  expect(booleanNames(policy)).toEqual(['later'])
  expect(attributeMembers(policy, 'domain')).toEqual(['app', 'app2', 'init'])
  expect(attributeMembers(policy, 'app', true)).toEqual(['domain'])
  expect(() => attributeMembers(policy, 'app')).toThrow('is a type')
  expect(() => attributeMembers(policy, 'nothing')).toThrow('no type or attribute')
  expect(equivalentTypes(policy)).toEqual([['app', 'app2']])
  expect(duplicateRules(policy)).toEqual([])
  expect(differingTypes(policy, 'app')).not.toContainEqual(expect.stringContaining('app and app2 '))
  expect(differingTypes(policy, 'app').every((line) => line.startsWith('app and '))).toBe(true)
  expect(differingTypes(policy)).toContainEqual(expect.stringMatching(/^app and init differ, first in: /))
  expect(() => differingTypes(policy, 'domain')).toThrow('no type')
})

describe('neverallow rules as CTS has them', () => {
  test.each([
    ['neverallow domain data:file write;', ['app', 'app2']], ['neverallow { domain -app } data:file write;', ['app2']],
    ['neverallow ~{ app app2 } data:file { read write };', ['init']], ['neverallow * *:process *;', ['init']],
    ['neverallow { domain } self:{ process file } transition;', ['init']], ['neverallow app spare:file write;',
      ['app']],
    ['neverallow domain data:file ~{ read open write };', []], ['neverallow gone data:file read;', []],
    ['allow a b:c d; # neverallow domain data:file read;\n', []],
  ])('%s', (text, sources) => {
    const { violations } = checkNeverallows(policy, parseNeverallows(text))
    expect([...new Set(violations.map(({ source }) => source))].sort()).toEqual(sources)
  })

  const extended = (numbers: string) => `(class file (ioctl)) (classorder (file)) (sid kernel) (sidorder (kernel))
(type s) (type t) (type u) (role r) (roletype r s) (user x) (userrole x r) (category c0) (categoryorder (c0))
(sensitivity s0) (sensitivityorder (s0)) (sensitivitycategory s0 (c0)) (userlevel x (s0)) (userrange x ((s0) (s0)))
(sidcontext kernel (x r s ((s0) (s0)))) (allow s t (file (ioctl))) (allow s u (file (ioctl)))
(allowx s t (ioctl file (0x8927 (range 0x5400 0x5410)))) ${numbers}`

  test.each([
    ['t', '0x8927', '(0x8927)'], ['t', '{ 0x8900-0x8926 }', '(range 0x8900 0x8926)'], ['t', '0x5410', '(0x5410)'],
    ['t', '{ 0x5411-0x54ff 0x1 }', '(0x1 (range 0x5411 0x54ff))'], ['u', '0x1', '(0x1)'],
    ['t', '~{ 0x8927 0x5400-0x5410 }', '(not (0x8927 (range 0x5400 0x5410)))'], ['t', '~0x8927', '(not (0x8927))'],
  ])('neverallowxperm s %s %s, as the compiler of CIL answers it', (target, numbers, cil) => {
    const own = compileCil([{ name: 'x.cil', text: extended('') }]).policy
    const rules = parseNeverallows(`neverallowxperm s ${target}:file ioctl ${numbers};`)
    const source = { name: 'x.cil', text: extended(`(neverallowx s ${target} (ioctl file ${cil}))`) }
    let isRefused = false
    try {
      compileCil([source])
    } catch {
      isRefused = true
    }
    expect(checkNeverallows(own, rules).violations.length > 0).toBe(isRefused)
  })

  test('neverallowxperm: numbers in the report, and those that are not valid', () => {
    const own = compileCil([{ name: 'x.cil', text: extended('') }]).policy
    const found = (text: string) =>
      checkNeverallows(own, parseNeverallows(text)).violations.map((one) => one.permissions)
    expect(found('neverallowxperm s { t u }:file ioctl { 0x8900-0x89ff 1 };'))
      .toEqual([['ioctl 0x8927'], ['ioctl without allowxperm']])
    for (const numbers of ['0x10000', '{ 1-', '{ - 1 }', 'x', '{ 1 } 2']) {
      expect(() => parseNeverallows(`neverallowxperm s t:file ioctl ${numbers};`)).toThrow(AndroidError)
    }
  })

  test('lines, names that are not there, and rules that are not valid', () => {
    const rules = parseNeverallows('type x;\n\nneverallow gone {\n data } : file { raed };\nneverallow a b:c d;')
    expect(rules.map(({ line }) => line)).toEqual([3, 5])
    expect(checkNeverallows(policy, rules).unknown).toEqual(['a', 'b', 'c', 'gone', 'raed'])
    expect(() => parseNeverallows('neverallow a b c;')).toThrow(AndroidError)
    expect(() => parseNeverallows('neverallow a { b:c d;')).toThrow(AndroidError)
    expect(() => parseNeverallows('neverallow a b:c ?;')).toThrow('does not belong')
  })
})

test('mappings of Treble', () => {
  const mapping = parseMapping(`; a comment\n(type old)\n(typeattribute app_30_0)\n(expandtypeattribute (app_30_0) true)
    (typeattributeset app_30_0 (app app2))\n(typeattributeset gone_30_0 (gone))`)
  expect(mapping.get('app_30_0')).toEqual(['app', 'app2'])
  expect(checkMapping(mapping, ['app', 'app2', 'new', 'known'], ['known'])).toEqual({ gone: ['gone'],
    unmapped: ['new'] })
  expect(parseMapping(identityMapping(['app'], '31.0')).get('app_31_0')).toEqual(['app'])
  const newer = parseMapping('(typeattributeset app_31_0 (app next))')
  expect(combineMappings(mapping, newer, '31.0').get('app_30_0')).toEqual(['app', 'next', 'app2'])
  expect(() => parseMapping('(allow a b (c (d)))')).toThrow(AndroidError)
  expect(() => parseMapping('(typeattributeset a (not (b)))')).toThrow(AndroidError)
})
