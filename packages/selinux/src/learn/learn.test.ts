import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { TeRules } from '../query/index.ts'
import { avcRecordsIn, learn, readDenials } from './index.ts'

const log = `type=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=7 comm="cat" name="x" dev="tmpfs" ino=2 \
scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0 tclass=file permissive=1
kernel: audit(1.1:2): avc:  denied  { open } for  pid=7 comm=6361742078 path="/w/x" \
scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0 tclass=file permissive=1
avc:  granted  { write } for  pid=7 comm="cat" scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0 tclass=file
type=USER_AVC msg=audit(1.1:3): pid=1 uid=0 msg='avc:  denied  { send_msg } for \
scontext=u:r:a_t:s0 tcontext=u:r:a_t:s0 tclass=dbus permissive=0 exe="/usr/bin/dbus-daemon"'
avc:  denied  { ioctl } for  pid=7 comm="cat" path="/dev/x" ioctlcmd=0x5413 \
scontext=u:r:a_t:s0 tcontext=u:object_r:b_t:s0 tclass=file
nothing of this kind`

const policy = `(class file (read write open getattr append lock ioctl)) (class dbus (send_msg))
(classorder (file dbus))
(sid kernel) (sidorder (kernel)) (type a_t) (type b_t) (type c_t) (role r) (roletype r a_t) (user u) (userrole u r)
(category c0) (categoryorder (c0)) (sensitivity s0) (sensitivityorder (s0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0))) (sidcontext kernel (u r a_t ((s0) (s0)))) (boolean open_up false)
(allow c_t b_t (file (read)))
(typeattribute subject) (typeattributeset subject (a_t c_t))
(allow subject b_t (file (getattr)))
(booleanif open_up (true (allow a_t b_t (file (open)))))
(neverallow a_t b_t (file (read)))`

test('denials are read wherever they stand', () => {
  expect(readDenials(log).map(({ permissions, tclass, comm, object, ioctl, line, permissive }) =>
    [permissions.join(' '), tclass, comm, object, ioctl, line, permissive])).toEqual([
    ['read', 'file', 'cat', 'x', null, 1, true],
    ['open', 'file', 'cat x', '/w/x', null, 2, true],
    ['send_msg', 'dbus', null, null, null, 4, false],
    ['ioctl', 'file', 'cat', '/dev/x', 0x5413, 5, false],
  ])
})

const WHOLE = 'type=AVC msg=audit(1622541234.123:456): avc:  denied  { read open } for  pid=1234 comm="web" ' +
  'path="/srv/some/longer/path" dev="sda1" ino=2 scontext=system_u:system_r:web_t:s0 ' +
  'tcontext=system_u:object_r:etc_t:s0 tclass=unix_stream_socket permissive=0'

test.each([
  ['as they are', (line: string) => line],
  ['without the spaces at their ends', (line: string) => line.trimEnd()],
])('a record that a terminal has cut at any column from 60 on is itself again: lines %s', (_how, copied) => {
  const [expected] = readDenials(WHOLE)
  for (let width = 60; width < WHOLE.length; width++) {
    const lines = WHOLE.match(new RegExp(`.{1,${width}}`, 'g'))!.map(copied)
    expect([width, ...readDenials([...lines, 'nothing of this kind'].join('\n'))]).toEqual([width, expected])
  }
})

test('a record that a mail has wrapped at words is itself again, quoted or not', () => {
  const [expected] = readDenials(WHOLE)
  for (let width = 30; width < 120; width++) {
    const lines = WHOLE.replace(/ +/g, ' ').match(new RegExp(`.{1,${width}}(?: |$)|\\S+`, 'g'))!
      .map((line) => line.trim())
    for (const sign of ['', '> ', '>> ']) {
      const text = lines.map((line) => sign + line).join('\r\n')
      expect([width, sign, ...readDenials(`${text}\n\nRegards`)])
        .toEqual([width, sign, { ...expected, line: expect.any(Number) }])
    }
  }
})

test.each([
  ['the log ends', 'avc:  denied  { read } for pid=1 scontext=u:r:a_t', [1]],
  ['another record follows', `avc:  denied  { read } for pid=1\n${WHOLE}`, [1]],
  ['permissions that may be one or two',
    'avc:  denied  { zig\nzag } for scontext=u:r:a_t tcontext=u:r:b_t tclass=file', [1]],
  ['no decision', 'avc:  received setenforce notice (enforcing=1)', []],
])('a cut record is reported: %s', (_why, text, lines) => {
  const cut: number[] = []
  for (const _record of avcRecordsIn(text, (line) => cut.push(line)));
  expect(cut).toEqual(lines)
})

test('a line break in the name of a file ends no comment', () => {
  const name = Buffer.from('x\n(allow a_t c_t (file (read)))').toString('hex')
  const { cil } = learn(readDenials(`avc:  denied  { read } for pid=1 name=${name} scontext=u:r:a_t:s0 ` +
    'tcontext=u:object_r:b_t:s0 tclass=file'))
  expect(cil.split('\n').filter((line) => !line.startsWith(';'))).toEqual(['(allow a_t b_t (file (read)))', ''])
})

test('a command is one of an ioctl, and a number', () => {
  const ends = 'scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file'
  const lines = ['{ read } for ioctlcmd=0x1', '{ ioctl } for ioctlcmd=zz', '{ ioctl } for ioctlcmd=0x12345']
  expect(readDenials(lines.map((line) => `avc:  denied  ${line} ${ends}`).join('\n')).map(({ ioctl }) => ioctl))
    .toEqual([null, null, null])
})

test('one rule for what belongs together, readable', () => {
  const { cil, conflicts } = learn(readDenials(log))
  expect(cil).toBe(`; 1 denial
(allow a_t self (dbus (send_msg)))

; 3 denials of cat, cat x: x, /w/x, /dev/x
(allow a_t b_t (file (ioctl open read)))
(allowx a_t b_t (ioctl file (0x5413)))
`)
  expect(conflicts).toEqual([])
})

test('what a policy says of it, and what its assertions forbid', () => {
  const sources = [{ name: 'policy.cil', text: policy }]
  const rules = new TeRules(compileCil(sources).policy)
  const { rules: [, second], conflicts } = learn(readDenials(log), { policy: rules, sources, generalise: true })
  expect(second).toMatchObject({
    source: 'a_t', target: 'b_t', permissions: ['ioctl', 'open', 'read'], beyond: [], already: ['getattr'],
    conditional: ['allow a_t b_t:file open; [ open_up ]:True'],
  })
  expect(conflicts.map(({ code, place }) => [code, place?.line])).toEqual([['neverallow', 10]])
})

test('permissions that go together, told apart from those seen', () => {
  const denials = readDenials('avc:  denied  { read } for scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file')
  const { rules, cil } = learn(denials, { generalise: true })
  expect(rules).toMatchObject([{ permissions: ['getattr', 'open', 'read'], beyond: ['getattr', 'open'] }])
  expect(cil).toContain('; beyond what was seen: getattr open')
})

test('what is allowed already is not a rule', () => {
  const rules = new TeRules(compileCil([{ name: 'policy.cil', text: policy }]).policy)
  const denials = readDenials('avc:  denied  { getattr } for scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file')
  expect(learn(denials, { policy: rules }))
    .toMatchObject({ cil: '', rules: [{ already: ['getattr'], permissions: [] }] })
})

test('a permission that the policy does not have is told as seen', () => {
  const rules = new TeRules(compileCil([{ name: 'policy.cil', text: policy }]).policy)
  const denials = readDenials('avc:  denied  { fly read } for scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file')
  expect(learn(denials, { policy: rules }).rules).toMatchObject([{ permissions: ['fly', 'read'], already: [] }])
})

test('names that the policy does not have are told, and keep no other rule from being checked', () => {
  const sources = [{ name: 'policy.cil', text: policy }]
  const rules = new TeRules(compileCil(sources).policy)
  const strange = [
    'scontext=u:r:gone_t:s0 tcontext=u:r:b_t:s0 tclass=file', 'scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=db',
  ].map((rest) => `avc:  denied  { read } for ${rest}`)
  const learned = learn(readDenials([...strange, log].join('\n')), { policy: rules, sources })
  expect(learned.rules.map(({ unknown }) => unknown)).toEqual([[], ['db'], [], ['gone_t']])
  expect(learned.cil).toContain('; not in the policy: gone_t\n(allow gone_t b_t (file (read)))')
  expect(learned.conflicts.map(({ code }) => code)).toEqual(['neverallow'])
})

test('a permission without a name is a note, and no rule', () => {
  const ends = 'for scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file'
  const note = '; no rule: the class file of the policy has no name for permission 0x4000'
  const learned = (asked: string) => learn(readDenials(`avc:  denied  { ${asked} } ${ends}`)).cil
  expect(learned('0x4000 read')).toBe(`; 1 denial\n${note}\n(allow a_t b_t (file (read)))\n`)
  expect(learned('0x4000')).toBe(`; 1 denial\n${note}\n`)
})

const ADVISED = `(class tcp_socket (name_connect read)) (classorder (tcp_socket)) (sid kernel) (sidorder (kernel))
(type web_t) (type mail_t) (type db_port_t) (type dns_port_t) (type own_port_t) (type web_port_t)
(role r) (roletype r web_t) (user u) (userrole u r) (category c0) (categoryorder (c0)) (sensitivity s0)
(sensitivityorder (s0)) (sensitivitycategory s0 (c0)) (userlevel u (s0)) (userrange u ((s0) (s0)))
(sidcontext kernel (u r web_t ((s0) (s0)))) (boolean wide false) (boolean narrow false)
(allow web_t dns_port_t (tcp_socket (name_connect))) (allow mail_t dns_port_t (tcp_socket (name_connect)))
(allow web_t own_port_t (tcp_socket (name_connect))) (allow web_t web_port_t (tcp_socket (name_connect read)))
(booleanif wide (true (allow web_t db_port_t (tcp_socket (name_connect))) (allow web_t mail_t (tcp_socket (read)))))`

test.each([
  ['a label that others use, or that gives more, is no advice', 'name_connect', '', ['own_port_t']],
  ['a socket is not labelled as a port is', 'read', '', []],
  ['a boolean that allows no more', 'name_connect',
    '(booleanif narrow (true (allow web_t db_port_t (tcp_socket (name_connect)))))', ['own_port_t']],
])('advice is no wider than the rule: %s', (_why, permission, more, labels) => {
  const rules = new TeRules(compileCil([{ name: 'policy.cil', text: ADVISED + more }]).policy)
  const denials = readDenials(`avc:  denied  { ${permission} } for scontext=u:r:web_t:s0 tcontext=u:r:db_port_t:s0 ` +
    'tclass=tcp_socket')
  const [rule] = learn(denials, { policy: rules }).rules
  expect(rule!.instead.map((text) => /^label it (\w+)/.exec(text)?.[1])).toEqual(labels)
  expect(rule!.conditional).toHaveLength(more === '' ? 0 : 1)
  expect(rule!.wider).toEqual(permission === 'read' ? [] : [expect.stringMatching(/wide .*\(with 1 other rule\)/)])
})
