import { describe, expect, test } from 'vitest'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { compiledWithin, policyIsWithin, requireWithin } from './index.ts'
import type { WithinOptions } from './index.ts'

const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

const base = (rules: string, more = ''): string => `(mls false) (class file (read write ioctl)) (classorder (file))
(class process (transition)) (classorder (unordered process))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(type web_t) (type home_t) (type log_t) (role r) (roletype r web_t) (user u) (userrole u r) (userlevel u (s0))
(userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(boolean open false) ${rules} ${more}`
const READ = '(allow web_t home_t (file (read)))'
const WRITE = '(allow web_t home_t (file (write)))'
const IOCTL = '(allow web_t home_t (file (ioctl)))'
const command = (numbers: string): string => `${IOCTL} (allowx web_t home_t (ioctl file (${numbers})))`
const CONSTRAIN = '(constrain (file (read)) (eq u1 u2))'

const paths: Readonly<Record<PolicyKindName, string>> = {
  sandbox: 'sandbox.json', selinux: 'selinux/a.cil', smack: 'smack/rules', apparmor: 'apparmor/web',
  landlock: 'landlock.json', bpf: 'bpf/a.o',
}
const verdictOf = async (
  kind: PolicyKindName, policy: unknown, max: unknown, options: WithinOptions = {},
): Promise<string> => {
  const path = paths[kind]
  return (await policyIsWithin(kind, { [path]: text(policy) }, { [path]: text(max) }, options)).verdict
}

describe('of boxes', () => {
  const max = { version: 1, allow: { read: ['/site'], hosts: ['*.example.com:443'] }, limits: { time: 1000 } }
  test.each<[why: string, policy: object, verdict: string]>([
    ['the same', max, 'within'],
    ['nothing', { version: 1, allow: {} }, 'within'],
    ['less', { version: 1, allow: { read: ['/site/a'] } }, 'within'],
    ['another folder', { version: 1, allow: { read: ['/etc'] } }, 'wider'],
    ['writing', { version: 1, allow: { write: ['/site'] } }, 'wider'],
    ['a longer time', { version: 1, allow: {}, limits: { time: 2000 } }, 'wider'],
    ['a host below', { version: 1, allow: { hosts: ['a.example.com:443'] } }, 'within'],
    ['another host', { version: 1, allow: { hosts: ['example.org:443'] } }, 'wider'],
  ])('%s', async (_why, policy, verdict) => expect(await verdictOf('sandbox', policy, max)).toBe(verdict))
})

describe('of SELinux', () => {
  test.each<[why: string, policy: string, max: string, verdict: string]>([
    ['the same', base(READ), base(READ), 'within'],
    ['a rule less', base(READ), base(READ + WRITE), 'within'],
    ['a rule more', base(READ + WRITE), base(READ), 'wider'],
    ['a rule of a boolean that is off', base(READ, `(booleanif (open) (true ${WRITE}))`), base(READ), 'wider'],
    ['a permissive domain', base(READ, '(typepermissive web_t)'), base(READ), 'wider'],
    ['a domain that is permissive no more', base(READ), base(READ, '(typepermissive web_t)'), 'within'],
    ['a constraint less', base(READ), base(READ, CONSTRAIN), 'wider'],
    ['a constraint more', base(READ, CONSTRAIN), base(READ), 'within'],
    ['unknown classes that are allowed', base(READ, '(handleunknown allow)'), base(READ, '(handleunknown deny)'), 'no'],
    ['another transition', base(READ, '(typetransition web_t home_t process log_t)'), base(READ), 'no'],
    ['another context of a file system', base(READ, '(genfscon proc "/" (u r web_t ((s0) (s0))))'), base(READ), 'no'],
    ['another context of the kernel', base(READ, '(roletype r home_t)').replace('(u r web_t', '(u r home_t'),
      base(READ), 'no'],
    ['all commands, where the maximum names some', base(IOCTL), base(command('0x1')), 'wider'],
    ['some commands, where the maximum has all', base(command('0x1')), base(IOCTL), 'within'],
    ['more commands', base(command('0x1 0x2')), base(command('0x1')), 'wider'],
    ['fewer commands', base(command('0x1')), base(command('0x1 0x2')), 'within'],
    ['records alone', base(READ, '(auditallow web_t home_t (file (read)))'), base(READ), 'within'],
  ])('%s', async (_why, policy, max, verdict) => {
    const got = await verdictOf('selinux', policy, max)
    // refused either way
    if (verdict === 'no') expect(got).not.toBe('within')
    else expect(got).toBe(verdict)
  })
})

describe('of Smack', () => {
  test.each<[policy: string, max: string, verdict: string]>([
    ['A B r\n', 'A B rw\n', 'within'], ['A B rw\n', 'A B r\n', 'wider'], ['', 'A B r\n', 'within'],
    ['A B r\n', '', 'wider'], ['A _ r\n', '', 'within'], ['A B rt\n', 'A B r\n', 'wider'],
  ])('%j in %j', async (policy, max, verdict) => expect(await verdictOf('smack', policy, max)).toBe(verdict))
})

describe('of AppArmor', () => {
  const profile = (rules: string, flags = ''): string => `profile web /usr/bin/web ${flags} {\n${rules}\n}\n`
  test.each<[why: string, policy: string, max: string, verdict: string]>([
    ['less', profile('/srv/a r,'), profile('/srv/** rw,'), 'within'],
    ['more', profile('/srv/** rw,'), profile('/srv/a r,'), 'wider'],
    ['only complaining', profile('/srv/a r,', 'flags=(complain)'), profile('/srv/a r,'), 'wider'],
    ['another profile', profile('/srv/a r,').replace('web ', 'other '), profile('/srv/a r,'), 'wider'],
  ])('%s', async (_why, policy, max, verdict) => expect(await verdictOf('apparmor', policy, max)).toBe(verdict))
})

describe('of Landlock', () => {
  const max = { read: ['/srv'], connect: [443] }
  test.each<[why: string, policy: object, verdict: string, options?: WithinOptions]>([
    ['the same', max, 'within'],
    ['a folder less', { read: [], connect: [443] }, 'within'],
    ['a folder below, which may be a link', { read: ['/srv/a'], connect: [443] }, 'unproved'],
    ['a folder below, without links', { read: ['/srv/a'], connect: [443] }, 'within', { assume: ['no-links'] }],
    ['a way up', { read: ['/srv/a/../..'], connect: [443] }, 'unproved', { assume: ['no-links'] }],
    ['writing', { write: ['/srv'], connect: [443] }, 'wider'],
    ['all ports', { read: ['/srv'] }, 'wider'],
    ['doing without what a kernel lacks', { ...max, bestEffort: true }, 'unproved'],
  ])('%s', async (_why, policy, verdict, options) =>
    expect(await verdictOf('landlock', policy, max, options)).toBe(verdict))
})

test('a kind less restricts less, and a kind more restricts more', async () => {
  const { compile } = await import('../policy/smack.ts').then(({ smackKind }) => smackKind)
  const smack = compile(new Map([['smack/rules', text('A B r\n')]]))
  expect((await compiledWithin({}, { smack })).verdict).toBe('wider')
  expect((await compiledWithin({ smack }, {})).verdict).toBe('within')
})

test('a refusal names each thing', async () => {
  const result = await policyIsWithin('smack', { 'smack/a': text('A B rw\n') }, { 'smack/a': text('A B r\n') })
  expect(() => requireWithin(result, 'local')).toThrow(expect.objectContaining({
    code: 'wider', place: 'local', message: expect.stringContaining('smack: access: A may now write and lock B'),
  }))
  await expect(policyIsWithin('smack', { 'smack/a': text('A B r r r\n') }, {})).rejects.toMatchObject({
    code: 'bad-policy', place: expect.stringContaining('smack/a'),
  })
  const wrong = policyIsWithin('smack', {}, {}, { assume: ['zzz' as 'no-links'] })
  await expect(wrong).rejects.toMatchObject({ code: 'bad-option' })
})
