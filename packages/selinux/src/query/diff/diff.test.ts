import { describe, expect, test } from 'vitest'
import { compileCil } from '../../cil/index.ts'
import type { Policydb } from '../../policydb/index.ts'
import { diffKinds, diffLines, diffPolicies } from '../index.ts'

const base = `(mls true)
(common common_file (ioctl getattr)) (class file (read write open)) (classcommon file common_file)
(class dir (search)) (class process (fork transition)) (classorder (file dir process))
(sensitivity s0) (sensitivity s1) (sensitivityorder (s0 s1)) (category c0) (category c1) (categoryorder (c0 c1))
(sensitivitycategory s0 (c0)) (sensitivitycategory s1 (c0 c1))
(type a) (type b) (type c) (typeattribute ab) (typeattributeset ab (a b))
(boolean x false) (boolean y true)
(role object_r) (role r) (role q) (roletype r a) (roletype q b) (roletype object_r ab)
(user u) (userrole u r) (userrole u object_r) (userlevel u (s0)) (userrange u ((s0) (s1 (c0 c1))))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r a ((s0) (s0))))
(allow ab ab (process (fork)))
`

const compiled = (text: string): Policydb => compileCil([{ name: 'case', text }], { disableNeverallow: true }).policy

/** Statements that one of the policies has; `[from, to]` changes the base. What sediff 4.5 tells, in our words. */
type Edit = string | readonly [from: string, to: string]

const edited = (edit: Edit): string => typeof edit === 'string' ? base + edit : base.replace(edit[0], edit[1])

const cases: readonly { what: string; before?: Edit; after?: Edit; lines: readonly string[] }[] = [
  { what: 'the same rules, on an attribute and one by one',
    before: '(allow ab c (file (read)))', after: '(allow a c (file (read))) (allow b c (file (read)))', lines: [] },
  { what: 'a rule of each type of an attribute',
    after: '(allow ab ab (dir (search)))',
    lines: ['Allow Rules (4 added, 0 removed, 0 modified)', '  + allow a a:dir search;', '  + allow a b:dir search;',
      '  + allow b a:dir search;', '  + allow b b:dir search;'] },
  { what: 'permissions that come by one rule and by another',
    before: '(allow a c (file (read))) (allow ab c (file (write)))', after: '(allow a c (file (read open)))',
    lines: ['Allow Rules (0 added, 1 removed, 1 modified)', '  - allow b c:file write;',
      '  * allow a c:file { read +open -write };'] },
  { what: 'a type that an attribute gets, and one that is new',
    before: '(allow ab c (file (read)))',
    after: '(type d) (typeattributeset ab (d)) (roletype object_r d) (allow ab c (file (read)))',
    lines: ['Types (1 added, 0 removed, 0 modified)', '  + d', 'Type Attributes (0 added, 0 removed, 1 modified)',
      '  * ab +d', 'Allow Rules (6 added, 0 removed, 0 modified)', '  + allow a d:process fork;',
      '  + allow b d:process fork;', '  + allow d a:process fork;', '  + allow d b:process fork;',
      '  + allow d c:file read;', '  + allow d d:process fork;'] },
  { what: 'a conditional rule that repeats what holds always',
    before: '(allow a c (file (read)))',
    after: '(allow a c (file (read))) (booleanif x (true (allow ab c (file (read)))))',
    lines: ['Allow Rules (1 added, 0 removed, 0 modified)', '  + allow b c:file read; [ x ]:True'] },
  { what: 'what no longer holds always counts under its condition',
    before: '(allow a c (file (read write))) (booleanif x (true (allow a c (file (read open)))))',
    after: '(allow a c (file (write))) (booleanif x (true (allow a c (file (read open)))))',
    lines: ['Allow Rules (0 added, 0 removed, 2 modified)', '  * allow a c:file { write -read };',
      '  * allow a c:file { open +read }; [ x ]:True'] },
  { what: 'a condition that is written another way',
    before: '(booleanif (and x y) (true (auditallow a c (file (read)))))',
    after: '(booleanif (and y x) (true (auditallow a c (file (read)))))',
    lines: ['Auditallow Rules (1 added, 1 removed, 0 modified)', '  + auditallow a c:file read; [ x && y ]:True',
      '  - auditallow a c:file read; [ y && x ]:True'] },
  { what: 'the other branch',
    before: '(booleanif x (true (dontaudit a c (file (read)))))',
    after: '(booleanif x (false (dontaudit a c (file (read)))))',
    lines: ['Dontaudit Rules (1 added, 1 removed, 0 modified)', '  + dontaudit a c:file read; [ x ]:False',
      '  - dontaudit a c:file read; [ x ]:True'] },
  { what: 'extended permissions of two rules on one type',
    before: '(allowx ab c (ioctl file (1 0x105)))',
    after: '(allowx ab c (ioctl file (1 (range 2 4)))) (allowx a c (ioctl file (0x105)))',
    lines: ['Allowxperm Rules (0 added, 0 removed, 2 modified)',
      '  * allowxperm a c:file ioctl { 0x0001 0x0105 +0x0002-0x0004 };',
      '  * allowxperm b c:file ioctl { 0x0001 +0x0002-0x0004 -0x0105 };'] },
  { what: 'extended permissions of a driver',
    after: '(auditallowx a c (ioctl file (range 0x1200 0x12ff)))',
    lines: ['Auditallowxperm Rules (1 added, 0 removed, 0 modified)',
      '  + auditallowxperm a c:file ioctl 0x1200-0x12ff;'] },
  { what: 'type rules, by the name of the object and by condition',
    before: `(typetransition ab c file "n" a) (typetransition a c file b) (typechange a c file a)
      (booleanif y (true (typemember a c dir a)))`,
    after: `(typetransition a c file "n" b) (typetransition a c file b) (typechange a c file b)
      (booleanif y (true (typemember a c dir b)))`,
    lines: ['Type_transition Rules (0 added, 1 removed, 1 modified)', '  - type_transition b c:file a n;',
      '  * type_transition a c:file +b -a n;', 'Type_change Rules (0 added, 0 removed, 1 modified)',
      '  * type_change a c:file +b -a;', 'Type_member Rules (0 added, 0 removed, 1 modified)',
      '  * type_member a c:dir +b -a; [ y ]:True'] },
  { what: 'roles and ranges',
    before: '(roleallow r q) (roletransition r ab process q) (rangetransition ab c process ((s0) (s0)))',
    after: '(roleallow q r) (roletransition r a process r) (rangetransition a c process ((s0) (s1 (c0 c1))))',
    lines: ['Role allow Rules (1 added, 1 removed, 0 modified)', '  + allow q r;', '  - allow r q;',
      'Role_transition Rules (0 added, 1 removed, 1 modified)', '  - role_transition r b:process q;',
      '  * role_transition r a:process +r -q', 'Range_transition Rules (0 added, 1 removed, 1 modified)',
      '  - range_transition b c:process s0;', '  * range_transition a c:process +s0-s1:c0,c1 -s0'] },
  { what: 'constraints, whose expressions are read off with their precedence',
    before: '(constrain (file (read)) (eq u1 u2))',
    after: `(constrain (file (read write)) (or (eq u1 u2) (and (eq t1 ab) (not (dom r1 r2)))))
      (mlsconstrain (file (write)) (and (or (dom l1 l2) (eq t2 (a c))) (domby h1 h2)))
      (validatetrans file (eq t3 a)) (mlsvalidatetrans file (eq l1 l2))`,
    lines: ['Constraints (1 added, 1 removed, 0 modified)',
      '  + constrain file { read write } (u1 == u2 or t1 == ab and not r1 dom r2);',
      '  - constrain file read (u1 == u2);', 'MLS Constraints (1 added, 0 removed, 0 modified)',
      '  + mlsconstrain file write ((l1 dom l2 or t2 == { a c }) and h1 domby h2);',
      'Validatetrans (1 added, 0 removed, 0 modified)', '  + validatetrans file (t3 == a);',
      'MLS Validatetrans (1 added, 0 removed, 0 modified)', '  + mlsvalidatetrans file (l1 == l2);'] },
  { what: 'labels',
    before: `(portcon tcp 80 (u object_r a ((s0) (s0)))) (nodecon fe80:: ffff:: (u object_r a ((s0) (s0))))
      (genfscon proc "/x" dir (u object_r a ((s0) (s0)))) (fsuse xattr ext4 (u object_r a ((s0) (s0))))
      (netifcon eth0 (u object_r a ((s0) (s0))) (u object_r a ((s0) (s0))))`,
    after: `(portcon tcp (80 90) (u object_r a ((s0) (s0)))) (nodecon fe80:: ffff:: (u object_r b ((s0) (s0))))
      (genfscon proc "/x" dir (u object_r b ((s0) (s0)))) (fsuse trans ext4 (u object_r a ((s0) (s0))))
      (netifcon eth0 (u object_r a ((s0) (s0))) (u object_r b ((s0) (s0))))
      (ibpkeycon fe80:: (1 2) (u object_r a ((s0) (s0)))) (ibendportcon mlx 1 (u object_r a ((s0) (s0))))`,
    lines: ['Ibendportcons (1 added, 0 removed, 0 modified)', '  + ibendportcon mlx 1 u:object_r:a:s0',
      'Ibpkeycons (1 added, 0 removed, 0 modified)', '  + ibpkeycon fe80:: 0x1-0x2 u:object_r:a:s0',
      'Fs_use (1 added, 1 removed, 0 modified)', '  + fs_use_trans ext4 u:object_r:a:s0;',
      '  - fs_use_xattr ext4 u:object_r:a:s0;', 'Genfscons (0 added, 0 removed, 1 modified)',
      '  * genfscon proc /x -d +u:object_r:b:s0 -u:object_r:a:s0', 'Netifcons (0 added, 0 removed, 1 modified)',
      '  * netifcon eth0', '      packet context: +u:object_r:b:s0 -u:object_r:a:s0',
      'Nodecons (0 added, 0 removed, 1 modified)', '  * nodecon fe80:: ffff:: +u:object_r:b:s0 -u:object_r:a:s0',
      'Portcons (1 added, 1 removed, 0 modified)', '  + portcon tcp 80-90 u:object_r:a:s0',
      '  - portcon tcp 80 u:object_r:a:s0'] },
  { what: 'types, booleans, capabilities, defaults and bounds',
    before: '(defaultuser file source) (typebounds a c)',
    after: `(defaultuser file target) (defaultrange dir target low-high) (typebounds b c) (typepermissive b)
      (typealias also) (typealiasactual also a) (policycap open_perms) (boolean z false)`,
    lines: ['Booleans (1 added, 0 removed, 0 modified)', '  + z', 'Types (0 added, 0 removed, 2 modified)', '  * a',
      '      aliases: +also', '  * b', '      permissive: +true -false',
      'Policy Capabilities (1 added, 0 removed, 0 modified)', '  + open_perms',
      'Defaults (1 added, 0 removed, 1 modified)', '  + default_range dir target low_high;',
      '  * default_user file +target -source', 'Typebounds (0 added, 0 removed, 1 modified)',
      '  * typebounds c +b -a'] },
  { what: 'what sediff leaves out: bounds of roles and users',
    before: '(rolebounds r q) (user v) (userrole v r) (userlevel v (s0)) (userrange v ((s0) (s0))) (userbounds u v)',
    after: '(user v) (userrole v r) (userlevel v (s0)) (userrange v ((s0) (s0)))',
    lines: ['Rolebounds (0 added, 1 removed, 0 modified)', '  - rolebounds r q;',
      'Userbounds (0 added, 1 removed, 0 modified)', '  - userbounds u v;'] },
  { what: 'permissions of a common and of a class, numbered anew',
    after: ['(ioctl getattr)', '(lock ioctl)'],
    lines: ['Commons (0 added, 0 removed, 1 modified)', '  * common_file +lock -getattr',
      'Classes (0 added, 0 removed, 1 modified)', '  * file +lock -getattr'] },
  { what: 'users', after: ['(userlevel u (s0)) (userrange u ((s0) (s1 (c0 c1))))',
    '(userlevel u (s0 (c0))) (userrange u ((s0) (s0 (c0)))) (userrole u q)'],
  lines: ['Users (0 added, 0 removed, 1 modified)', '  * u', '      roles: +q', '      default level: +s0:c0 -s0',
    '      range: +s0-s0:c0 -s0-s1:c0,c1'] },
  { what: 'levels', after: ['(sensitivitycategory s0 (c0))', '(sensitivitycategory s0 (c0 c1)) (categoryalias k) \
(categoryaliasactual k c1)'],
  lines: ['Categories (0 added, 0 removed, 1 modified)', '  * c1 +k', 'Levels (0 added, 0 removed, 1 modified)',
    '  * s0 +c1'] },
  { what: 'a policy without MLS', after: ['(mls true)', '(mls false)'],
    lines: ['Policy Properties (0 added, 0 removed, 1 modified)', '  * MLS +false -true',
      'Users (0 added, 0 removed, 1 modified)', '  * u', '      default level: +none -s0',
      '      range: +none -s0-s1:c0,c1', 'Categories (0 added, 2 removed, 0 modified)', '  - c0', '  - c1',
      'Sensitivities (0 added, 2 removed, 0 modified)', '  - s0', '  - s1', 'Levels (0 added, 2 removed, 0 modified)',
      '  - level s0:c0;', '  - level s1:c0,c1;', 'Initial SIDs (0 added, 0 removed, 1 modified)',
      '  * sid kernel +u:r:a -u:r:a:s0'] },
]

describe('what sediff tells', () => {
  test.each(cases)('$what', ({ before = '', after = '', lines }) => {
    expect([...diffLines(diffPolicies(compiled(edited(before)), compiled(edited(after))))]).toEqual(lines)
  })
})

test('what is asked for, as records', () => {
  const [before, after] = [compiled(`${base}(allow a c (file (read)))`), compiled(`${base}(allow a c (file (open)))`)]
  const { allow, ...rest } = diffPolicies(before, after, ['allow'])
  expect(rest).toEqual({})
  const item = { kind: 'allow', source: 'a', target: 'c', tclass: 'file', permissions: ['read'], xperms: [],
    result: null, filename: null, conditional: null }
  expect([...allow.modified]).toEqual([{ item, changes: { permissions: { added: ['open'], removed: ['read'] } } }])
  expect([allow.added.length, [...allow.removed]]).toEqual([0, []])
})

test('sections that have nothing to tell, and numbers alone', () => {
  const policy = compiled(base)
  expect([...diffLines(diffPolicies(policy, policy), { all: true })]).toHaveLength(diffKinds.length)
  const lines = diffLines(diffPolicies(policy, compiled(`${base}(type d)`), ['types']), { stats: true })
  expect([...lines]).toEqual(['Types (1 added, 0 removed, 0 modified)'])
})
