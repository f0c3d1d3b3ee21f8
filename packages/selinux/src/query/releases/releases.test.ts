/** What another kernel release changes for a policy. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '@lsmkit/core'
import { compileCil } from '../../cil/index.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { allClasses } from '../../class-map.ts'
import { releaseChanges } from '../index.ts'

const rest = `(sid kernel) (sidorder (kernel)) (type a) (type b) (type p) (type o) (typepermissive p)
(role object_r) (roletype object_r o) (role r) (roletype r a) (roletype r b) (roletype r p) (user u) (userrole u r)
(sensitivity s0) (sensitivityorder (s0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r a ((s0) (s0)))) (boolean t true) (boolean f false) (allow a self (file (read)))`

const classText = (classes: readonly (readonly [string, readonly string[]])[]): string =>
  `${classes.map(([name, perms]) => `(class ${name} (${perms.join(' ')}))`).join('\n')}
(classorder (${classes.map(([name]) => name).join(' ')}))`

const DIALECT = { dialect: '3.10', version: 33 } as const

const policyWith = (text: string, classes: readonly (readonly [string, readonly string[]])[] = everyClass): Policydb =>
  compileCil([{ name: 'case', text: `${classText(classes)}\n${rest}\n${text}` }], DIALECT).policy

/** All that any release has, so that nothing is unknown. */
const everyClass = allClasses.map(({ name, perms }) => [name, perms] as const)
const small = [['file', ['read', 'watch_mountns']], ['io_uring', ['sqpoll']]] as const

const lines = (policy: Policydb, from: Profile, to: Profile): string[] =>
  releaseChanges(policy, from, to).map(({ effect, subject, words }) => `${effect} ${subject}: ${words}`)

describe('questions', () => {
  const asked = (rules: string): string | undefined =>
    lines(policyWith(rules), '6.12', '6.18').find((line) => line.includes('`allowed`'))
  const counted = (allowed: number, refused: string): string =>
    `${refused === '' ? 'other' : 'less'} questions: \`allowed\` of io_uring is asked now: ${allowed} of 3 domains ` +
    `are allowed it${refused === '' ? '' : `, refused are ${refused}`}`

  test.each([
    ['', counted(0, 'a and b'), 'a permissive domain is refused nothing'],
    ['(allow a self (io_uring (allowed)))', counted(1, 'b'), 'a rule allows'],
    ['(typeattribute x) (typeattributeset x (a b)) (allow x self (io_uring (allowed)))', counted(2, ''),
      'an attribute'],
    ['(booleanif t (true (allow a self (io_uring (allowed)))))', counted(1, 'b'), 'a rule in force'],
    ['(booleanif f (true (allow a self (io_uring (allowed)))))', counted(0, 'a and b'), 'a rule that is not in force'],
    ['(allow o self (io_uring (allowed)))', counted(0, 'a and b'), 'a type of objects is no domain'],
    ['(auditallow a self (io_uring (allowed)))', counted(0, 'a and b'), 'no rule of access'],
  ])('%s', (rules, expected) => {
    expect(asked(rules)).toBe(expected)
  })

  test('going back, a question ends', () => {
    const back = lines(policyWith(''), '6.18', '6.12')
    expect(back).toContain('more questions: `allowed` of io_uring is not asked about any more')
    expect(back.filter((line) => line.includes('nlmsg'))).toEqual([])
  })

  test('a class that left', () => {
    expect(lines(policyWith(''), '6.12', '6.18').at(-1)).toBe('other questions: class `dccp_socket` is not asked ' +
      'about any more; a new object of it gets the label of a file, not of a socket')
  })

  test('the same release', () => {
    expect(lines(policyWith('(policycap netlink_xperm)'), '6.18', '6.18')).toEqual([])
  })
})

describe('unknown permissions', () => {
  const unknown = (text: string): string[] =>
    lines(policyWith(text, small), '6.12', '6.18').filter((line) => /loading|unknown/.test(line))
  const system = '`firmware_load`, `kexec_image_load`, `kexec_initramfs_load`, `policy_load`, `x509_certificate_load`'

  test.each([
    ['allow', 'other', 'allowed to every domain'], ['deny', 'less', 'refused to every domain'],
  ])('handle_unknown %s', (handling, effect, words) => {
    const line = (names: string) => `${effect} unknown to the policy: ${names}: ${words} (handle_unknown ${handling})`
    expect(unknown(`(handleunknown ${handling})`)).toEqual([
      line(`${system} of system`),
      line('`watch_mountns` of dir, lnk_file, chr_file and 4 more'),
      line('`allowed` of io_uring'),
    ])
  })

  test('a policy that rejects loads where all is known', () => {
    const without = everyClass.filter(([name]) => name !== 'memfd_file')
    const policy = policyWith('(handleunknown reject)', without)
    expect(lines(policy, '6.18', '7.3').filter((line) => line.includes('loading')).join())
      .toMatch(/^other loading: Linux 7.3 does not load it: the policy rejects .*, and lacks memfd_file \{ ioctl \}, /)
    expect(lines(policy, '7.3', '6.18').join()).toContain('other loading: Linux 6.18 loads it; 7.3 does not')
  })
})

describe('policy capabilities', () => {
  const about = (text: string, from: Profile, to: Profile): string[] =>
    lines(policyWith(text), from, to).filter((line) => /capabilities|memfd|nlmsg|_as`/.test(line))

  test.each([
    ['without one nothing waits for it', '', '6.12', '6.18', []],
    ['netlink messages by number', '(policycap netlink_xperm)', '6.12', '6.18', [
      /^other policy capabilities: `netlink_xperm` takes effect: /,
      /^less questions: `nlmsg` of netlink_route_socket, netlink_tcpdiag_socket, netlink_xfrm_socket and netlink_audit/,
    ]],
    ['a class for memory files', '(policycap memfd_class)', '6.18', '7.3', [
      /`memfd_class` takes effect/, /^other questions: `memfd_file` is a class of its own now$/, /map_create_as/,
      /prog_load_as/,
    ]],
    ['BPF tokens', '(policycap bpf_token_perms) (allow a self (bpf (map_create_as)))', '6.18', '7.3', [
      /`bpf_token_perms` takes effect/, /`map_create_as` of bpf is asked now: 1 of 3/, /`prog_load_as` of bpf is.*: 0 of/,
    ]],
    ['going back', '(policycap memfd_class)', '7.3', '6.18', [
      /`memfd_class` has no effect on Linux 6.18/, /class `memfd_file` is not asked about any more$/,
      /map_create_as/, /prog_load_as/,
    ]],
  ] as const)('%s', (_name, text, from, to, expected) => {
    expect(about(text, from, to)).toEqual(expected.map((one) => expect.stringMatching(one)))
  })
})

test('a version that a release does not read', () => {
  const policy = Object.assign(policyWith(''), { version: 34 })
  expect(lines(policy, '6.12', '6.18')[0])
    .toBe('other loading: Linux 6.18 loads it; 6.12 does not: version 34 is newer than it reads')
})

test('a release that there is not', () => {
  expect(() => releaseChanges(policyWith(''), '6.12', '6.11' as Profile)).toThrow(expect.objectContaining({
    code: 'bad-option', hint: 'known: 6.12, 6.18, 7.3',
  }))
})
