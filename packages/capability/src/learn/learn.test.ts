import { CAP_DAC_READ_SEARCH, CAP_LAST_CAP, CAP_NET_RAW, CAP_SETUID, CAP_SYS_ADMIN } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { capFromText } from '../cap-from-text.ts'
import { learnCapabilities, readCapabilityChecks } from './index.ts'
import { capWords } from './words.ts'

const ours = (type: string, comm: string, capability: number, opts = 0): string =>
  `type=${type} msg=audit(1.000:1): lsm=capability hook=capable pid=2 tid=2 comm="${comm}" uid=1000 ` +
  `capability=${capability}  opts=${opts} error=EPERM`

const log = [
  ours('LSM_WOULD_DENY', 'ping', CAP_NET_RAW),
  ours('LSM_DENIED', 'ping', CAP_NET_RAW),
  ours('LSM_DENIED', 'ping', CAP_SYS_ADMIN, 2),
  '{"kind":"would-deny","hook":"capable","lsm":"capability","error":"EPERM","subject":{"pid":3,"comm":"su"},' +
    `"object":{"kind":"cap","cap":${CAP_SETUID},"name":"CAP_SETUID"},"args":{"opts":0}}`,
  'type=AVC msg=audit(1.1:2): avc:  denied  { dac_read_search } for  pid=4 comm="cat" capability=2  ' +
    'scontext=u:r:a_t:s0 tcontext=u:r:a_t:s0 tclass=capability permissive=0',
  'type=AVC msg=audit(1.1:2): avc:  denied  { dac_override } for  pid=4 comm="cat" capability=1  ' +
    'scontext=u:r:a_t:s0 tcontext=u:r:a_t:s0 tclass=capability permissive=0',
  'type=AVC msg=audit(1.1:2): avc:  denied  { read } for  pid=4 comm="cat" name="capability=1" tclass=file',
  'type=LSM_DENIED msg=audit(1.000:1): lsm=yama hook=ptrace_traceme pid=2 comm="gdb"',
].join('\n')

test('checks are read from our records, as text and as JSON, and from those of SELinux', () => {
  const told = readCapabilityChecks(log).map(({ line, lsm, comm, cap, isProbe }) => [line, lsm, comm, cap, isProbe])
  expect(told).toEqual([
    [1, 'capability', 'ping', 13, false], [2, 'capability', 'ping', 13, false], [3, 'capability', 'ping', 21, true],
    [4, 'capability', 'su', 7, false], [5, 'selinux', 'cat', 2, false], [6, 'selinux', 'cat', 1, false],
  ])
})

test('the least set of each program: no probes, and no second choice', () => {
  const { proposals } = learnCapabilities(readCapabilityChecks(log))
  expect(proposals.map(({ text, seen, probed }) => [text, seen, probed])).toEqual([
    ['cat cap_dac_read_search=ep', 1, []], ['ping cap_net_raw=ep', 2, [CAP_SYS_ADMIN]], ['su cap_setuid=ep', 1, []],
  ])
  expect(capFromText(proposals[0]!.set).permitted).toEqual(capFromText('cap_dac_read_search=p').permitted)
})

test('what it permits beyond, what would do instead, and how it gets the rest', () => {
  const { proposals, text } = learnCapabilities(readCapabilityChecks(log))
  expect(proposals[1]).toMatchObject({
    beyond: [expect.stringMatching(/^cap_net_raw: raw and packet sockets/)],
    instead: [expect.stringContaining('ping_group_range')], broad: [],
  })
  expect(proposals[2]!.broad).toEqual(['cap_setuid: it becomes root'])
  expect(text).toContain('# BROAD: cap_setuid: it becomes root\n')
  expect(text).toMatch(/^su cap_setuid=ep$/m)
})

test('a name cannot make a line of its own', () => {
  const check = { line: 1, outcome: 'denied', lsm: 'capability', pid: 1, isProbe: false } as const
  const { text } = learnCapabilities([{ ...check, cap: CAP_DAC_READ_SEARCH, comm: 'a\nb =ep' }])
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(lines).toEqual(['a?b?=ep cap_dac_read_search=ep'])
})

test('there are words for each capability', () => {
  const numbers = Object.keys(capWords).map(Number).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: CAP_LAST_CAP + 1 }, (_, i) => i))
})
