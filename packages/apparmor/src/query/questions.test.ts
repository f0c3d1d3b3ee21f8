import type { Replayed } from '@lsmkit/core/policy/audit-log'
import { describe, expect, test } from 'vitest'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import type { PolicyBinary } from '../policydb/policy.ts'
import { parseFeatures } from '../profile/features.ts'
import { compileText } from '../profile/testing.ts'
import { proposeAbstractions } from './abstractions.ts'
import { addedRules } from './add-rules.ts'
import { attachments, pathRules } from './attach.ts'
import { checkProfiles, unattachedPrograms } from './check.ts'
import { ruleCoverage } from './coverage.ts'
import { decide } from './decide.ts'
import { decidersOf } from './deciders.ts'
import type { Decider } from './deciders.ts'
import { policyChanges } from './diff.ts'
import { execGraph } from './exec-graph.ts'
import { policyExcess } from './within.ts'
import { proposeRules } from './learn.ts'
import { readApparmorLog } from './log.ts'
import { replayedApparmor } from './replay.ts'
import { QuestionError, questionOf } from './question.ts'

const TEXT = `profile web /usr/bin/web {
  /srv/** r,
  deny /srv/secret/** rw,
  owner /home/*/web rw,
  capability kill,
  network inet stream,
  signal send set=term peer=helper,
  ptrace read peer=a*,
  mount fstype=tmpfs tmpfs -> /m/*/,
  change_profile -> safe*,
}`

/** Of the only profile in a binary, written and read again. */
const binaryDecider = (binary: PolicyBinary): Decider =>
  [...decidersOf(readPolicy(writePolicy(binary))).values()][0]!

describe('questions', () => {
  const { binary, profiles } = compileText(TEXT)
  const [web] = profiles
  const fromBinary = binaryDecider(binary)
  test.each([
    { ask: 'file /srv/a r', allowed: true, reason: 'rule', line: 2, nearest: null },
    { ask: 'file /srv/a w', allowed: false, reason: 'missing', line: null, nearest: 2 },
    { ask: 'file /srv/secret/a r', allowed: false, reason: 'denied', line: 3, nearest: null },
    { ask: 'file /home/me/web w', allowed: true, reason: 'rule', line: 4, nearest: null },
    { ask: 'file /home/me/wob w', allowed: false, reason: 'missing', line: null, nearest: 4 },
    { ask: 'capability kill', allowed: true, reason: 'rule', line: 5, nearest: null },
    { ask: 'capability chown', allowed: false, reason: 'missing', line: null, nearest: null },
    { ask: 'network inet stream', allowed: true, reason: 'rule', line: 6, nearest: null },
    { ask: 'network inet dgram', allowed: false, reason: 'missing', line: null, nearest: 6 },
    { ask: 'signal send term helper', allowed: true, reason: 'rule', line: 7, nearest: null },
    { ask: 'signal send kill helper', allowed: false, reason: 'missing', line: null, nearest: 7 },
    { ask: 'ptrace read abc', allowed: true, reason: 'rule', line: 8, nearest: null },
    { ask: 'mount tmpfs /m/x/ tmpfs', allowed: true, reason: 'rule', line: 9, nearest: null },
    { ask: 'mount tmpfs /n/ tmpfs', allowed: false, reason: 'missing', line: null, nearest: 9 },
    { ask: 'change_profile safe1', allowed: true, reason: 'rule', line: 10, nearest: null },
  ])('$ask', ({ ask, allowed, reason, line, nearest }) => {
    const [kind = '', ...words] = ask.split(' ')
    const decision = decide(web!, questionOf(kind, words))
    expect({
      allowed: decision.allowed, reason: decision.reason, line: decision.rules[0]?.place.line ?? null,
      nearest: decision.nearest?.place.line ?? null,
    }).toEqual({ allowed, reason, line, nearest })
    expect(fromBinary(questionOf(kind, words))).toEqual({ ...decision, rules: [], nearest: null })
  })

  const queues = 'ipc {posix_mqueue {create read write open delete setattr getattr}\n}\n'
  const features = parseFeatures(
    `dbus {mask {acquire send receive}\n}\n${queues}network_v8 {af_mask {unix inet}\n}\n`, 'f',
  )
  const rules = 'dbus send bus=session path=/a interface=i, mqueue read /q, unix create,'
  const compiled = compileText(`profile m { ${rules} }`, {}, { features })
  const messages = compiled.profiles[0]!
  const messagesInBinary = binaryDecider(compiled.binary)
  test.each([
    { ask: 'dbus send session org.a /a i m', allowed: true },
    { ask: 'dbus send session org.a /b i m', allowed: false },
    { ask: 'dbus receive session org.a /a i m', allowed: false },
    { ask: 'dbus bind session org.a', allowed: false },
    { ask: 'mqueue read /q', allowed: true },
    { ask: 'mqueue write /q', allowed: false },
    { ask: 'unix stream create', allowed: true },
    { ask: 'unix stream bind', allowed: false },
  ])('$ask', ({ ask, allowed }) => {
    const [kind = '', ...words] = ask.split(' ')
    const answer = { allowed, reason: allowed ? 'rule' : 'missing' }
    expect(decide(messages, questionOf(kind, words))).toMatchObject(answer)
    expect(messagesInBinary(questionOf(kind, words))).toMatchObject(answer)
  })

  test('others than the owner', () => {
    const decision = decide(web!, questionOf('file', ['/home/me/web', 'w']), { owner: false })
    expect([decision.allowed, decision.nearest?.place.line]).toEqual([false, 4])
    expect(fromBinary(questionOf('file', ['/home/me/web', 'w']), { owner: false }).allowed).toBe(false)
    expect(() => fromBinary(questionOf('file', ['/a', 'w']), { oner: false } as object)).toThrow('oner')
  })

  const mistakes = ['fil /a r', 'file /a q', 'capability kil', 'signal sent term x', 'network inte']
  test.each(mistakes)('%s is no question', (ask) => {
    const [kind = '', ...words] = ask.split(' ')
    expect(() => questionOf(kind, words)).toThrow(QuestionError)
  })

  test('an unconfined profile, and a class that nothing mediates', () => {
    const [open] = compileText('profile p flags=(unconfined) { }').profiles
    expect(decide(open!, questionOf('file', ['/a', 'w'])).reason).toBe('unconfined')
  })
})

test('a difference comes in words, with an example', () => {
  const before = compileText(TEXT).binary
  const after = compileText(TEXT.replace('/srv/** r', '/srv/** rw').replace('capability kill', 'capability chown')
    .replace('network inet stream', 'network inet')).binary
  expect(policyChanges(before, before)).toEqual([])
  expect(policyChanges(before, after).map(({ text, example }) => ({ text, example }))).toEqual([
    { text: 'capabilities (allow): gains chown', example: null },
    { text: 'capabilities (allow): loses kill', example: null },
    { text: 'r becomes rwa', example: '/srv/a' },
    { text: 'network: more is allowed', example: 'network \\x00\\x02\\x00\\x02' },
  ])
})

test('who may become whom', () => {
  const { edges, leaves } = execGraph(compileText(`profile a { /bin/b px -> b, /bin/c cx -> kid, profile kid { /k r, } }
profile b { /bin/sh ux, }\nprofile c { /bin/x ix, /bin/y px, ^hat { /h r, } }`).profiles)
  expect(edges.map(({ from, to, by }) => `${from} ${by} ${to}`).toSorted()).toEqual([
    'a exec a//kid', 'a exec b', 'b exec unconfined', 'c change_hat c//hat', 'c exec (by attachment)',
  ])
  expect([...leaves]).toEqual([['a', ['a', 'b', 'unconfined']], ['b', ['b', 'unconfined']]])
})

test('rules without effect, and attachments that conflict', () => {
  const findings = checkProfiles(compileText(`profile a /bin/x* {
  /srv/** r,
  /srv/a r,
  deny /etc/** w,
  /etc/b w,
}
profile b /bin/x*y { }`))
  expect(findings.map(({ code, place }) => [code, place?.line])).toEqual([
    ['dead-rule', 3], ['dead-rule', 5], ['attachment-conflict', 1],
  ])
})

test('the best attachment, and what profiles say of a path', () => {
  const { profiles } = compileText(
    'profile a /bin/* { /etc/x r, }\nprofile b /bin/ls { owner /etc/* rw, }\n/bin/cat { }',
  )
  expect(attachments(profiles, '/bin/ls').map(({ profile }) => profile)).toEqual(['b', 'a'])
  expect(attachments(profiles, '/bin/cat').map(({ profile }) => profile)).toEqual(['/bin/cat', 'a'])
  expect(pathRules(profiles, '/etc/x').map(({ profile, owner, others }) => [profile, owner, others])).toEqual([
    ['a', 'r', 'r'], ['b', 'rwa', ''],
  ])
})

const LOG = [
  'audit: type=1400 audit(1.2:3): apparmor="DENIED" operation="open" class="file" profile="web" name="/proc/12/stat" '
  + 'pid=1 comm="w" requested_mask="r" denied_mask="r" fsuid=0 ouid=0',
  'type=AVC msg=audit(1.2:4): apparmor="ALLOWED" operation="mknod" profile="web" name=2F7370206163650A '
  + 'requested_mask="c"',
  'apparmor="DENIED" operation="capable" profile="web" capability=5  capname="kill"',
  'apparmor="DENIED" operation="create" profile="web" family="inet" sock_type="stream" requested_mask="create"',
  'apparmor="DENIED" operation="capable" profile="web" capname="kill, /** rw"',
  'apparmor="AUDIT" operation="open" profile="web" name="/srv/a" requested_mask="r"',
  'apparmor="STATUS" operation="profile_load" profile="unconfined" name="x"', 'something else',
].join('\n')

test('a log is read, and rules are proposed for what was denied', () => {
  const records = readApparmorLog(LOG)
  expect(records.map(({ type, line }) => [type, line])).toEqual([
    ['DENIED', 1], ['ALLOWED', 2], ['DENIED', 3], ['DENIED', 4], ['DENIED', 5], ['AUDIT', 6],
  ])
  expect(proposeRules(records).map(({ rule }) => rule)).toEqual([
    '@{PROC}/@{pid}/stat r,', '"/sp ace\\012" w,', 'capability kill,', 'network inet stream,',
  ])
})

test('rules that records meet', () => {
  const coverage = ruleCoverage(compileText(TEXT).profiles, readApparmorLog(LOG))
  expect(coverage.filter(({ count }) => count > 0).map(({ place }) => place.line)).toEqual([2])
})

describe('within', () => {
  const max = compileText(TEXT).binary
  test.each([
    { why: 'itself', change: [] },
    { why: 'fewer files', change: ['/srv/** r', '/srv/*/a r'] },
    { why: 'without a capability', change: ['  capability kill,\n', ''] },
    { why: 'another file right', change: ['/srv/** r', '/srv/** rk'], found: ['files: k', '/srv/a'] },
    { why: 'a denial that is gone', change: ['deny /srv/secret', 'owner /srv/secret'],
      found: ['files: rwa and r', '/srv/secret/a'] },
    { why: 'what was of the owner', change: ['owner /home', '/home'], found: ['files: rwa', '/home/a/web'] },
    { why: 'another way to execute', max: ['/srv/** r', '/srv/** rix'], change: ['/srv/** r', '/srv/** rux'],
      found: ['programs are executed in another way', '/srv/a'] },
    { why: 'a capability', change: ['capability kill', 'capability'], found: ['capability chown', null] },
    { why: 'another socket', change: ['inet stream', 'inet'], found: ['network', 'network \\x00\\x02\\x00\\x02'] },
    { why: 'another peer', change: ['peer=a*', 'peer=b'], found: ['ptrace', 'ptrace b'] },
    { why: 'a link', change: ['/srv/** r', '/srv/** r,\n  link /srv/a -> /etc/*'],
      found: ['files: l', '/srv/a'] },
    { why: 'complaining', change: ['/usr/bin/web', '/usr/bin/web flags=(complain)'], found: ['mode complain', null] },
    { why: 'fewer programs', change: ['/usr/bin/web', '/usr/bin/wob'],
      found: ['a program is not attached to', '/usr/bin/web'] },
    { why: 'a higher limit', max: ['/srv/** r', '/srv/** r,\n  set rlimit nofile <= 10'],
      change: ['/srv/** r', '/srv/** r,\n  set rlimit nofile <= 11'],
      found: ['resource limit 7 is higher, or not set', null] },
    { why: 'a longer name than another', change: ['/srv/** r', '/srv/** r,\n  /etc/hosts r'],
      found: ['files: r', '/etc/hosts'] },
    { why: 'another profile', change: ['profile web', 'profile wob'],
      found: ['the maximum has no such profile', null] },
  ])('$why', ({ max: of = ['', ''], change: [from = '', to = ''], found = null }) => {
    const excess = policyExcess(
      compileText(TEXT.replace(from, to)).binary, compileText(TEXT.replace(of[0]!, of[1]!)).binary,
    )
    const [first] = excess
    expect(first === undefined ? null : [first.text, first.example]).toEqual(found)
  })

  test('a profile that is missing leaves its programs unconfined', () => {
    expect(policyExcess({ ...max, profiles: [] }, max).map(({ text }) => text)).toEqual(['the profile is missing'])
  })
})

test('a log is asked of other profiles', () => {
  const line = (type: string, rest: string): string =>
    `type=AVC msg=audit(1.0:1): apparmor="${type}" profile="web" pid=1 comm="web" ${rest}\n`
  const file = (type: string, name: string, mask: string, ouid = 0): string =>
    line(type, `operation="open" name="${name}" requested_mask="${mask}" denied_mask="${mask}" fsuid=0 ouid=${ouid}`)
  const log = file('DENIED', '/srv/a', 'r') + file('ALLOWED', '/home/me/web', 'wc', 1) +
    file('ALLOWED', '/home/me/web', 'wc') + line('DENIED', 'operation="capable" capability=5 capname="kill"') +
    line('DENIED', 'operation="signal" requested_mask="send" denied_mask="send" signal=kill peer="helper"') +
    line('DENIED', 'operation="create" family="inet" sock_type="stream" requested_mask="create" denied_mask="create"') +
    line('DENIED', 'operation="signal" denied_mask="send" signal=nosuch peer="helper"') +
    line('DENIED', 'operation="open" name="/x" denied_mask="r"').replace('"web" pid', '"other" pid')
  const { profiles, binary } = compileText(TEXT)
  const replayed = [...replayedApparmor(readApparmorLog(log), profiles)]
  expect(replayed.map(({ line: at, was, now }) => [at, was, now])).toEqual([
    [1, 'denied', 'granted'], [2, 'granted', 'denied'], [3, 'granted', 'granted'], [4, 'denied', 'granted'],
    [5, 'denied', 'denied'], [6, 'denied', 'granted'],
  ])
  expect(replayed[1]!.why).toMatch(/^no rule allows it; nearest is main:4:.*owner/)
  const ofBinary = [...replayedApparmor(readApparmorLog(log), readPolicy(writePolicy(binary)))]
  const plain = (one: Replayed) => ({ ...one, why: '' })
  expect(ofBinary.map(plain)).toEqual(replayed.map(plain))
  expect(ofBinary[1]!.why).toBe('no rule allows it')
})

test('an abstraction that answers several records is proposed, the narrowest first', () => {
  const record = (name: string): string =>
    `apparmor="DENIED" operation="open" profile="web" name="${name}" denied_mask="r" fsuid=0 ouid=0\n`
  const records = readApparmorLog(['/etc/hosts', '/etc/resolv.conf', '/srv/x'].map(record).join(''))
  const abstraction = (name: string, rules: string) =>
    ({ name: `abstractions/${name}`, compiled: compileText(`profile p { ${rules} }`).profiles[0]! })
  const known = [
    abstraction('wide', '/** r, /a r, /b r, /c r, /d r,'),
    abstraction('names', '/etc/hosts r, /etc/resolv.conf r,'),
    abstraction('one', '/etc/hosts r,'),
  ]
  expect(proposeAbstractions(records, known)).toEqual([
    { profile: 'web', name: 'abstractions/names', answers: 2, of: 3, rules: 2 },
    { profile: 'web', name: 'abstractions/wide', answers: 3, of: 3, rules: 5 },
  ])
})

test('rules are added before the closing brace, as a patch', () => {
  const text = 'profile a /a {\n  /x r,\n  profile b {\n    /y r,\n  }\n}\nprofile c { /z r, }\nprofile d {\n}\n'
  const { profiles } = compileText(text)
  const named = (name: string) => profiles.find(({ profile }) => profile.name === name)!
  const added = addedRules('f', text, [
    { profile: named('d'), rules: ['/4 r,'] }, { profile: named('a'), rules: ['/1 r,', '/2 r,'] },
    { profile: named('a//b'), rules: ['/3 r,'] }, { profile: named('c'), rules: ['/5 r,'] },
  ])
  expect(added.skipped).toEqual(['c'])
  expect(added.text).toBe(
    'profile a /a {\n  /x r,\n  profile b {\n    /y r,\n    /3 r,\n  }\n  /1 r,\n  /2 r,\n}\n' +
    'profile c { /z r, }\nprofile d {\n  /4 r,\n}\n',
  )
  expect(added.patch.split('\n').filter((line) => line.startsWith('@@'))).toEqual([
    '@@ -2,8 +2,12 @@',
  ])
})

test('rules that allow more than their comment says', () => {
  const text = 'profile a {\n  # read-only data\n  /data/** rw,\n' +
    '  /etc/x r, # read-only\n  /bin/y rix, # never executed\n}\n'
  expect(checkProfiles(compileText(text)).map(({ code, message, place }) => [code, message, place?.line])).toEqual([
    ['wider-than-comment', 'the comment says `read-only data`, but it may write', 3],
    ['wider-than-comment', 'the comment says `never executed`, but it may execute', 5],
  ])
})

test('programs that no profile attaches to', () => {
  const { profiles } = compileText('profile a /usr/bin/a* {}\nprofile b {}\n')
  expect(unattachedPrograms(profiles, ['/usr/bin/ab', '/usr/bin/b']).map(({ message }) => message)).toEqual([
    'no profile attaches to `/usr/bin/b`: it runs unconfined',
  ])
})
