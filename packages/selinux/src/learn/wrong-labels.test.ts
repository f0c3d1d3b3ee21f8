/** Labels that restorecon would set, before the rules; and the part of a constraint that denies. */
import { expect, test } from 'vitest'
import { TeRules } from '../query/index.ts'
import { FileContexts, SecurityServer } from '../server/index.ts'
import { smallPolicy, smallPolicyBytes } from '../testing/small-policy.ts'
import { learn, readDenials } from './index.ts'

const server = new SecurityServer({ mode: 'libsepol' })
server.load(smallPolicyBytes())
const policy = new TeRules(smallPolicy())
const fileContexts = new FileContexts({
  base: '/home(/.*)? system_u:object_r:home_t:s0\n/home/d -d system_u:object_r:etc_t:s0\n/proc(/.*)? <<none>>\n',
})

const denial = (permission: string, rest: string, type: string, tclass = 'file', level = 's0'): string =>
  `avc:  denied  { ${permission} } for  pid=7 comm="cat" ${rest} scontext=joe:user_r:user_t:s0 ` +
    `tcontext=system_u:object_r:${type}:${level} tclass=${tclass}`

test.each([
  ['the right label is enough', denial('read', 'path="/home/x"', 'secret_t'), ['/home/x home_t true']],
  ['the right label gives less', denial('entrypoint', 'path="/home/x"', 'secret_t'), ['/home/x home_t false']],
  ['a level stays, and a constraint denies it', denial('read', 'path="/home/x"', 'secret_t', 'file', 's1'),
    ['/home/x home_t false']],
  ['the label is right', denial('entrypoint', 'path="/home/x"', 'home_t'), []],
  ['the kind of file counts', denial('search', 'path="/home/d"', 'home_t', 'dir'), ['/home/d etc_t false']],
  ['a line of another kind', denial('read', 'path="/home/d"', 'etc_t'), ['/home/d home_t true']],
  ['a name is no path', denial('read', 'name="x"', 'secret_t'), []],
  ['no label is right: <<none>>', denial('read', 'path="/proc/1/mem"', 'secret_t'), []],
  ['no line matches', denial('read', 'path="/srv/x"', 'secret_t'), []],
  ['no file', denial('read', 'path="/home/x"', 'secret_t', 'tcp_socket'), []],
])('a wrong label: %s', (_why, log, expected) => {
  const { labels } = learn(readDenials(log), { policy, server, fileContexts })
  expect(labels.map(({ path, expected: type, isEnough }) => `${path} ${type} ${isEnough}`)).toEqual(expected)
})

test('wrong labels come before any rule, and beside it; a path is one word of a shell', () => {
  const line = denial('read', 'path="/home/a b"', 'secret_t')
  const log = `${line}\n${line}`
  const { cil, labels, rules } = learn(readDenials(log), { fileContexts })
  expect(labels).toEqual([
    { path: '/home/a b', tclass: 'file', type: 'secret_t', expected: 'home_t', seen: 2, line: 1, isEnough: null },
  ])
  expect(rules[0]!.instead).toEqual(["restorecon -v '/home/a b': it should be home_t"])
  expect(cil.split('\n')[0])
    .toBe("; label first: restorecon -v '/home/a b': it is secret_t, file_contexts gives home_t; then try again")
})

test('a path cannot end the comment', () => {
  const path = Buffer.from('/home/x\n(allow a b (file (read)))').toString('hex')
  const { cil } = learn(readDenials(denial('read', `path=${path}`, 'secret_t')), { fileContexts })
  expect(cil.split('\n').filter((line) => line.startsWith('(allow'))).toEqual(['(allow user_t secret_t (file (read)))'])
})

test('a constraint that denies what rules allow is a note with its failing parts, and no rule', () => {
  const { cil, rules: [rule] } = learn(readDenials(denial('read', 'name="x"', 'home_t', 'file', 's1')),
    { policy, server })
  expect(rule!.taken).toEqual(['read: a constraint denies what rules allow (make this hold, or not: l1 dom l2; ' +
    'or give the source the attribute privileged)'])
  expect(rule!.permissions).toEqual([])
  expect(cil).toContain(`; no rule helps: ${rule!.taken[0]}\n`)
})
