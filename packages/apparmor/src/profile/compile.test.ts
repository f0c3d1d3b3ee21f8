import { describe, expect, test } from 'vitest'
import { matchLen } from '../dfa/step.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import type { Pdb } from '../policydb/policy.ts'
import { compileProfiles } from './compile.ts'
import { parseFeatures } from './features.ts'
import { compileText } from './testing.ts'

const stateOf = (pdb: Pdb, text: string): number =>
  matchLen(pdb.dfa!, 1, Uint8Array.from(text, (character) => character.charCodeAt(0)))

/** Permissions of a file name: owner bits and others' bits, seven each. */
const fileBits = (rules: string, name: string): string => {
  const { file } = compileText(`@{V}=/one /two\n$yes=true\nprofile p { ${rules} }`).binary.profiles[0]!
  const word = file.dfa === null ? 0 : file.dfa.accept[stateOf(file, name)]!
  return `${letters(word & 0x7f)}/${letters(word >>> 14 & 0x7f)}`
}

const letters = (bits: number): string => [...'xwralkm'].filter((_, index) => (bits >> index & 1) === 1).join('')

describe('file rules', () => {
  test.each([
    { rules: '/a r,', name: '/a', bits: 'r/r', why: 'a name' },
    { rules: '/a r,', name: '/a/', bits: '/', why: 'a folder has a slash' },
    { rules: 'w /a,', name: '/a', bits: 'wa/wa', why: 'permissions first; w appends' },
    { rules: '/d/* r,', name: '/d/', bits: '/', why: 'a star alone is one character at least' },
    { rules: '/d/*x r,', name: '/d/x', bits: 'r/r', why: 'a star beside something may be empty' },
    { rules: '/d/** r,', name: '/d/e/f', bits: 'r/r', why: 'two stars take slashes' },
    { rules: '/d/{a,b{c,d}} r,', name: '/d/bd', bits: 'r/r', why: 'choices in choices' },
    { rules: '/d/[^ab] r,', name: '/d/c', bits: 'r/r', why: 'a class' },
    { rules: '"/sp ace" r,', name: '/sp ace', bits: 'r/r', why: 'quotes' },
    { rules: '/a\\*b r,', name: '/a*b', bits: 'r/r', why: 'an escape' },
    { rules: '/a//b r,', name: '/a/b', bits: 'r/r', why: 'slashes count once' },
    { rules: 'owner /a rw, /a r,', name: '/a', bits: 'wra/r', why: 'an owner' },
    { rules: '/** rw, deny /a w,', name: '/a', bits: 'r/r', why: 'a denial of w takes a too' },
    { rules: 'deny /a r, priority=1 /a r,', name: '/a', bits: 'r/r', why: 'a priority above the denial' },
    { rules: '@{V}/x r,', name: '/two/x', bits: 'r/r', why: 'a variable' },
    { rules: 'if $yes { /a r, } else { /b r, }', name: '/b', bits: '/', why: 'a branch not taken' },
    { rules: 'if not defined @{N} { /a r, }', name: '/a', bits: 'r/r', why: 'a test of a variable' },
    { rules: '/a ix,', name: '/a', bits: 'xm/xm', why: 'ix maps the program' },
    { rules: 'file,', name: '/any', bits: 'xwralkm/xwralkm', why: 'everything' },
    { rules: 'owner { /a r, }', name: '/a', bits: 'r/', why: 'a block' },
    { rules: '/a rl,', name: '/a', bits: 'rl/rl', why: 'a link' },
  ])('$rules on $name: $why', ({ rules, name, bits }) => {
    expect(fileBits(rules, name)).toBe(bits)
  })
})

test('a binary is read back as it was made', () => {
  const { binary } = compileText(`profile p /p/* flags=(complain,attach_disconnected) {
    /a px -> b, capability kill, network inet,
    set rlimit nofile <= 10, mount fstype=tmpfs -> /m/**, ^hat { /h r, } profile kid { ptrace read peer=x, } }`)
  expect(readPolicy(writePolicy(binary))).toEqual(binary)
  expect(binary.profiles.map(({ name }) => name)).toEqual(['p', 'p//hat', 'p//kid'])
})

test('includes: folders, once a block, missing ones that may be missing', () => {
  const files = {
    'd/abs/base': '/base r,', 'd/extra/one': '/one r,', 'd/extra/two.dpkg-old': '/old r,',
    'd/self': 'include <self>\n/self r,',
  }
  const includes = ['include <abs/base>', 'include <abs/base>', '#include <extra>', 'include if exists <none>']
  const text = `profile p {\n${includes.join('\n')}\ninclude <self>\n}`
  const { file } = compileText(text, files).binary.profiles[0]!
  const reads = (name: string): boolean => (file.dfa!.accept[stateOf(file, name)]! & 4) !== 0
  expect(['/base', '/one', '/old', '/self'].filter(reads)).toEqual(['/base', '/one', '/self'])
})

test('an alias gives a second name', () => {
  const { file } = compileText('alias /a -> /mnt/a,\nprofile p { /a/b r, }').binary.profiles[0]!
  expect(file.dfa!.accept[stateOf(file, '/mnt/a/b')]! & 4).toBe(4)
})

describe('what a target loses is told with the rule', () => {
  test.each([
    { rule: 'dbus send,', code: 'not-enforced', says: 'dbus' },
    { rule: 'unix create,', code: 'downgraded', says: 'network/af_unix' },
    { rule: 'deny unix create,', code: 'not-enforced', says: 'network/af_unix' },
    { rule: 'mqueue /q,', code: 'not-enforced', says: 'ipc/posix_mqueue' },
    { rule: 'network inet ip=127.0.0.1,', code: 'downgraded', says: 'af_inet' },
    { rule: 'prompt /a r,', code: 'not-enforced', says: 'permstable32' },
    { rule: 'audit { capability kill, }', code: 'ignored-rule', says: 'block' },
  ])('$rule', ({ rule, code, says }) => {
    const { warnings } = compileText(`profile p {\n  ${rule}\n}`)
    expect(warnings.map((one) => [one.code, one.place?.line])).toEqual([[code, 2]])
    expect(warnings[0]!.message).toContain(says)
  })

  test('nothing is told of rules that the target has', () => {
    expect(
      compileText('profile p { /a r, network, signal, ptrace, mount, userns, io_uring, all, }').warnings,
    ).toEqual([])
  })
})

test('permission tables for kernels that have them', () => {
  const features = parseFeatures(
    'file {mask {read}} policy {permstable32 {allow deny} permstable32_version {0x000002} versions {v7 {yes}}}',
  )
  const { file } = compileText('profile p { /a rw, owner /b r, }', {}, { features }).binary.profiles[0]!
  const entry = file.perms![file.dfa!.accept[stateOf(file, '/a')]!]!
  expect(entry.allow & 6).toBe(6)
  const { binary } = compileText('profile p { prompt /a rw, }', {}, { features })
  expect(readPolicy(writePolicy(binary)).profiles).toHaveLength(1)
})

test('profiles of one write are in the order of their names', () => {
  const { profiles } = compileText('profile b { }\nprofile a { }\n/z { }').binary
  expect(profiles.map(({ name }) => name)).toEqual(['/z', 'a', 'b'])
})

test.each([
  { options: {}, version: 5, namespace: 'ns', modes: ['enforce', 'complain', 'kill'] },
  { options: { forceComplain: true }, version: 0x805, namespace: 'ns', modes: ['complain', 'complain', 'complain'] },
  { options: { namespace: 'other' }, version: 5, namespace: 'other', modes: ['enforce', 'complain', 'kill'] },
])('compiled with $options', ({ options, version, namespace, modes }) => {
  const text = 'profile :ns:a { profile kid flags=(complain) { } }\nprofile :ns:b flags=(kill) { }'
  const bytes = new TextEncoder().encode(text)
  const files = { read: (path: string) => path === 'p' ? bytes : null, list: () => null }
  const { binary } = compileProfiles('p', { files, features: parseFeatures('file {yes}'), ...options })
  const read = readPolicy(writePolicy(binary))
  expect([read.version, read.namespace, read.profiles.map(({ mode }) => mode)]).toEqual([version, namespace, modes])
})
