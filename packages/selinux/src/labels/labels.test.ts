import { describe, expect, test } from 'vitest'
import { smallPolicyBytes } from '../testing/small-policy.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import { FileContexts, SecurityServer } from '../server/index.ts'
import {
  applyLocalChanges, equivalencesText, homedirContexts, LabelsError, LocalChanges, localFileContextsText, mappingOf,
  parseGroup, parsePasswd, parseSeusers, parseUsersExtra, splitTemplate, takeSemanage, takeStoreFile,
} from './index.ts'

const policy = readPolicy(smallPolicyBytes())
const taken = (text: string): LocalChanges => {
  const changes = new LocalChanges()
  takeSemanage(changes, text, 'changes')
  return changes
}

describe('lines of semanage', () => {
  test('are applied one after the other', () => {
    const changes = taken(`
      # a comment
      semanage port -a -t web_t -p tcp 80
      port -m -t mail_t -r 's0-s1:c0' -p tcp 80
      port -a -t gone_t -p udp 53
      port -d -p udp 53
      fcontext -a -t old_t '/x(/.*)?'
      fcontext -D
      fcontext --add --ftype=d --type home_t "/srv(/.*)?"
      fcontext -a -e /home /export/home
      boolean -m -1 share
      boolean --off quiet
      login -a -s staff_u -r s0 %wheel
      module -D
      permissive -a web_t`)
    expect([...changes.ports.values()]).toEqual(
      [{ protocol: 'tcp', low: 80, high: 80, context: 'system_u:object_r:mail_t:s0-s1:c0' }])
    expect(localFileContextsText(changes, true)).toBe('/srv(/.*)?\t-d\tsystem_u:object_r:home_t:s0\n')
    expect(localFileContextsText(changes, false)).toBe('/srv(/.*)?\t-d\tsystem_u:object_r:home_t\n')
    expect(equivalencesText(changes)).toBe('/export/home /home\n')
    expect(Object.fromEntries(changes.booleans)).toEqual({ share: true, quiet: false })
    expect(changes.logins.get('%wheel')).toEqual({ login: '%wheel', seuser: 'staff_u', range: 's0' })
    expect([...changes.permissive]).toEqual(['web_t'])
  })

  test.each([
    ['prot -a 80', 'unknown-record', 'did you mean `port`'],
    ['module -d web', 'unknown-record', 'not a record that is applied'],
    ['port -t web_t -p tcp 80', 'bad-line', 'no action'],
    ['port -a -m -t web_t -p tcp 80', 'bad-line', 'second action'],
    ['port -a -t web_t -p tcp', 'bad-line', 'no name'],
    ['port -a -t web_t -p tcp 80 81', 'bad-line', 'one name too many'],
    ['port -a -p tcp 80', 'bad-line', 'no type'],
    ['port -a -t web_t -p tcp 80-70', 'bad-port', '`80-70`'],
    ['port -a -t web_t -p ip 80', 'bad-port', 'not a protocol'],
    ['port -a -z web_t -p tcp 80', 'unknown-option', '`-z`'],
    ['port -d -p tcp 80', 'unknown-name', 'no `tcp 80-80` to delete'],
    ['node -a -M 255.0.0.0 -p ipv4 -t n_t fe80::', 'bad-address', 'fe80::'],
    ["fcontext -a -t x_t '/a", 'bad-line', 'does not end'],
    ["fcontext -a -t x_t '/a b'", 'bad-line', 'blank'],
    ['fcontext -a -f x -t x_t /a', 'bad-line', 'not a kind of file'],
    ['boolean -m share', 'bad-line', 'no state'],
  ])('%s: %s', (line, code, words) => {
    const act = (): unknown => taken(`\n${line}`)
    expect(act).toThrow(LabelsError)
    expect(act).toThrow(words)
    expect(act).toThrow(expect.objectContaining({ code, place: 'changes:2' }))
  })
})

test.each([
  ['booleans.local', 'a=2', 'bad-line'], ['ports.local', 'portcon tcp 80', 'bad-line'],
  ['ports.local', 'portcon tcp 99999 u:r:t', 'bad-port'], ['nodes.local', 'nodecon ipv4 a b u:r:t', 'bad-address'],
  ['interfaces.local', 'netifcon eth0 u:r:t', 'bad-line'], ['users.local', 'user u', 'bad-line'],
  ['seusers.local', 'bob', 'bad-line'], ['users_extra.local', 'user u', 'bad-line'],
  ['file_contexts.local', '/a', 'bad-line'], ['file_contexts.subs', '/a', 'bad-line'],
])('%s of a store does not have the line `%s`', (name, text, code) => {
  expect(() => takeStoreFile(new LocalChanges(), name, text)).toThrow(expect.objectContaining({ code }))
})

test.each([
  ['a line without end', 'x'.repeat(20_000_000), 'bad-line'], ['lines without end', '\n'.repeat(2_000_000), 'too-many'],
])('%s', (_what, text, code) => {
  expect(() => taken(text)).toThrow(expect.objectContaining({ code }))
})

describe('a policy with local changes', () => {
  const answerOf = (changes: LocalChanges) => {
    const server = new SecurityServer({ mode: 'libsepol' })
    server.load(writePolicy(applyLocalChanges(policy, changes)))
    return server
  }

  test('labels ports, nodes and interfaces, and leaves the given policy alone', () => {
    const before = writePolicy(policy)
    const wanted = 'etc_t'
    const server = answerOf(taken(`port -a -t etc_t -p tcp 8080-8090
      node -a -M 255.0.0.0 -p ipv4 -t etc_t 10.0.0.0
      interface -a -t etc_t eth7`))
    expect(server.sidToContext(server.portSid(6, 8085))).toContain(wanted)
    expect(server.sidToContext(server.nodeSid(2, Uint8Array.of(10, 9, 8, 7)))).toContain(wanted)
    expect(writePolicy(policy)).toEqual(before)
  })

  test.each([
    ['port -a -t nothing_t -p tcp 80', 'unknown-name'], ['boolean -m -1 nothing', 'unknown-name'],
    ['login -a -s nobody_u bob', 'unknown-name'], ['permissive -a nothing_t', 'unknown-name'],
    ["user -a -R 'no_r' x_u", 'unknown-name'],
  ])('%s: %s', (line, code) => {
    expect(() => answerOf(taken(line))).toThrow(expect.objectContaining({ code, place: 'changes:1' }))
  })

  test('two local ports that overlap are refused, as semodule does', () => {
    const text = 'port -a -t etc_t -p tcp 80-90\nport -a -t etc_t -p tcp 85'
    expect(() => answerOf(taken(text))).toThrow('overlap')
    expect(() => answerOf(taken(text.replace('tcp 85', 'udp 85')))).not.toThrow()
  })
})

describe('homes', () => {
  const template = `HOME_ROOT\t-d\tsystem_u:object_r:home_root_t:s0
HOME_DIR/.+\tsystem_u:object_r:home_t:s0
HOME_DIR/\\.ssh(/.*)?\tsystem_u:object_r:ROLE_ssh_t:s0
/run/user/%{USERID}\t-d\tsystem_u:object_r:run_t:s0
/var/mail/USER\t--\tsystem_u:object_r:mail_t:s0
`
  const base = '/srv(/.*)?\tsystem_u:object_r:srv_t:s0\n'
  const joe = 'joe'
  const made = (more: Partial<Parameters<typeof homedirContexts>[1]> = {}) => homedirContexts(policy, {
    fileContexts: template + base, seusers: `__default__:${joe}:s0\nbob:${joe}:s0\n%red:${joe}:s0`,
    usersExtra: `user ${joe} prefix staff;`,
    passwd: 'bob:x:1001:1:B:/home/bob/:/bin/sh\nann:x:1002:7::/data/ann:/bin/sh',
    group: 'red:x:7:', ...more,
  })

  test('template lines are told from others', () => expect(splitTemplate(template + base)).toEqual({ template, base }))

  test('each user gets the lines of the template, and so does everybody else', () => {
    const { text, roots, warnings } = made()
    expect(roots).toEqual(['/data', '/home'])
    expect(warnings).toEqual([])
    const contexts = new FileContexts({ base, homedirs: text })
    expect(contexts.lookup('/home/bob/.ssh/id')).toBe('joe:object_r:staff_ssh_t:s0')
    expect(contexts.lookup('/home/eve/.ssh')).toBe('joe:object_r:staff_ssh_t:s0')
    expect(contexts.lookup('/data/ann/x')).toBe('joe:object_r:home_t:s0')
    expect(contexts.lookup('/run/user/1001', 0o040000)).toBe('joe:object_r:run_t:s0')
    expect(contexts.lookup('/var/mail/ann', 0o100000)).toBe('joe:object_r:mail_t:s0')
    expect(contexts.lookup('/home', 0o040000)).toBe('system_u:object_r:home_root_t:s0')
  })

  test.each([
    { more: { passwd: '' }, says: 'bob is mapped but has no account' },
    { more: { group: '' }, says: '%red is mapped, but there is no such group' },
    { more: { seusers: `bob:${joe}:s0` }, says: 'seusers has no __default__' },
    { more: { passwd: 'bob:x:1001:1::/srv/bob:/bin/sh' }, says: '/srv, above the home of bob, has a label' },
  ])('says: $says', ({ more, says }) => expect(made(more).warnings.join('\n')).toContain(says))

  test('ids, shells and `ignored` leave accounts out; contexts that are not valid are dropped', () => {
    expect(made({ uidMin: 1002 }).roots).toEqual(['/data', '/home'])
    expect(made({ uidMax: 1001 }).roots).toEqual(['/home'])
    expect(made({ shells: ['/bin/bash'] }).roots).toEqual(['/home'])
    expect(made({ ignored: ['/data/ann'] }).roots).toEqual(['/home'])
    expect(made({ usePasswd: false, homes: ['/h'] }).roots).toEqual(['/h'])
    expect(made({ isValid: (context) => context.includes('mail_t') }).text.match(/^\/.*$/gm)).toHaveLength(3)
    expect(made({ fileContexts: base }).text).toBe('')
  })
})

test('accounts and mappings', () => {
  expect(parsePasswd('+nis\nroot:x:0:0:r:/root:/bin/sh\n')).toEqual(
    [{ name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' }])
  expect(() => parsePasswd('root:x:no:0:r:/root:/bin/sh')).toThrow('not an id')
  expect(() => parsePasswd('root')).toThrow('not an account')
  expect(() => parseGroup('red')).toThrow('not a group')
  expect(() => parseUsersExtra('user u')).toThrow('not a prefix')
  const mappings = parseSeusers('%red:a_u:s0\nbob:b_u\n__default__:c_u:s0 - s1')
  expect(mappingOf(mappings, 'bob', ['red'])?.seuser).toBe('b_u')
  expect(mappingOf(mappings, 'ann', ['red'])?.seuser).toBe('a_u')
  expect(mappingOf(mappings, 'ann')).toEqual({ login: '__default__', seuser: 'c_u', range: 's0-s1' })
  expect(mappingOf([], 'ann')).toBeNull()
})
