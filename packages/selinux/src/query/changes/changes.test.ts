import { expect, test } from 'vitest'
import { compileCil } from '../../cil/index.ts'
import type { Policydb } from '../../policydb/index.ts'
import { policyChanges } from './index.ts'

const base = `(mls false)
(class file (read write open ioctl)) (class dir (read)) (class process (fork transition)) (class capability (chown))
(classorder (file dir process capability))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(type web_t) (type mail_t) (type home_t) (type tmp_t) (type mail_exec_t)
(typeattribute domain) (typeattributeset domain (web_t mail_t))
(typeattribute user_files) (typeattributeset user_files (home_t tmp_t))
(boolean homedirs false) (boolean y false)
(role r) (roletype r domain) (user u) (userrole u r) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(allow domain self (process (fork))) (allow user_files domain (process (fork)))
`
const compiled = (text: string): Policydb => compileCil([{ name: 'case', text: base + text }]).policy

const told = (before: string, after: string): string[] =>
  Array.from(policyChanges(compiled(before), compiled(after)), ({ effect, words, because }) =>
    `${{ more: '+', less: '-', other: '*' }[effect]} ${words}${because.length === 0 ? '' : ` <- ${because.join(' ')}`}`)

test.each([
  ['a rule of types', '(allow web_t home_t (file (write)))',
    ['+ web_t may now write home_t files <- allow web_t home_t:file write;']],
  ['a rule of an attribute as a whole', '(allow domain user_files (file (read open)))',
    ['+ all 2 types of domain may now open and read all 2 types of user_files files ' +
      '<- allow domain user_files:file { open read };']],
  ['under a boolean', '(booleanif homedirs (true (allow web_t home_t (file (read)))))',
    ['+ web_t may now read home_t files while homedirs is on <- allow web_t home_t:file read; [ homedirs ]:True']],
  ['under more than one', '(booleanif (and homedirs (not y)) (false (allow web_t home_t (file (read)))))',
    ['+ web_t may now read home_t files while not ( ! y && homedirs ) ' +
      '<- allow web_t home_t:file read; [ ! y && homedirs ]:False']],
  ['classes and types that go together',
    '(allow web_t home_t (file (read))) (allow web_t home_t (dir (read))) ' +
      '(allow mail_t home_t (file (read))) (allow mail_t home_t (dir (read)))',
    ['+ mail_t and web_t may now read home_t directories and files <- allow mail_t home_t:dir read; ' +
      'allow mail_t home_t:file read; allow web_t home_t:dir read; allow web_t home_t:file read;']],
  ['itself, and capabilities', '(allow web_t self (process (transition))) (allow web_t self (capability (chown)))',
    ['+ web_t may now use chown <- allow web_t web_t:capability chown;',
      '+ web_t may now transition its own processes <- allow web_t web_t:process { fork transition };']
      .map((line) => line.replace('{ fork transition }', 'transition'))],
  ['a domain', '(allow web_t mail_t (process (transition))) (typetransition web_t mail_exec_t process mail_t)',
    ['+ web_t may now become mail_t on exec <- allow web_t mail_t:process transition;',
      '* new: web_t that executes mail_exec_t becomes mail_t <- type_transition web_t mail_exec_t:process mail_t;']],
  ['what is logged', '(dontaudit web_t home_t (file (read))) (auditallow web_t tmp_t (file (write)))',
    ['* when web_t may not read home_t files, that is no longer logged <- dontaudit web_t home_t:file read;',
      '* when web_t may write tmp_t files, that is now logged <- auditallow web_t tmp_t:file write;']],
  ['constraints and permissive types', '(typepermissive web_t) (constrain (file (write)) (eq t1 t2))',
    ['+ web_t: permissive true, was false', '- new: constrain file write (t1 == t2);']],
])('%s', (_what, more, lines) => {
  expect(told('', more).sort()).toEqual([...lines].sort())
})

test('commands of ioctl: the first rule leaves those alone, and when it is gone all are back', () => {
  const some = (numbers: string): string => `(allowx web_t home_t (ioctl file (${numbers})))`
  const text = (numbers: string): string => `allowxperm web_t home_t:file ioctl ${numbers};`
  expect(told('', some('0x1'))).toEqual([`- only these are left: ${text('0x0001')}`])
  expect(told(some('0x1'), '')).toEqual([`+ not only these any more: ${text('0x0001')}`])
  expect(told(some('0x1'), some('0x1 0x9'))).toEqual([`+ ${text('0x0001')}: xperms: new 0x0009`])
  expect(told(some('0x1 0x9'), some('0x1'))).toEqual([`- ${text('{ 0x0001 0x0009 }')}: xperms: gone 0x0009`])
})

test('going is the other way round', () => {
  expect(told('(allow web_t home_t (file (write))) (constrain (file (write)) (eq t1 t2))', '')).toEqual([
    '- web_t may no longer write home_t files <- allow web_t home_t:file write;',
    '+ gone: constrain file write (t1 == t2);',
  ])
})

test('a type gets an attribute: the rule that it gets by that is named', () => {
  const rule = '(typeattribute editor) (allow editor user_files (file (write)))'
  expect(told(`${rule} (typeattributeset editor (web_t))`, `${rule} (typeattributeset editor (web_t mail_t))`)[0])
    .toBe('+ mail_t may now write all 2 types of user_files files, through attribute editor ' +
      '<- allow editor user_files:file write;')
})

test('the same said otherwise is no change', () => {
  expect(told('(allow domain home_t (file (read)))',
    '(allow web_t home_t (file (read))) (allow mail_t home_t (file (read)))')).toEqual([])
})
