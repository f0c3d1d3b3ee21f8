import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EACCES } from '@lsmkit/abi'
import type { NativeDenial } from '../watch/native-denial.ts'
import { joinAudit, readAuditEvents } from './audit-events.ts'
import { eventsOfActs, isExpected } from '../testing/recorded-acts.ts'

const log = `
type=LANDLOCK_ACCESS msg=audit(1000.500:7): domain=1a2b blockers=fs.read_file path="/srv/secret" dev="vda2" ino=35
type=LANDLOCK_DOMAIN msg=audit(1000.500:7): domain=1a2b status=allocated mode=enforcing pid=30 uid=0 exe="/x" comm="x"
type=SYSCALL msg=audit(1000.500:7): arch=c000003e syscall=257 exit=-13 ppid=1 pid=31 comm="cat" exe="/bin/cat"
not a record
[    3.2] audit: type=1423 audit(1001.000:8): domain=1a2b blockers=net.connect_tcp daddr=127.0.0.1 dest=80
type=UNKNOWN[1423] msg=audit(1002.000:9): domain=1a2b blockers=fs.make_reg,fs.refer path=2F612062
`

test('records of one call are one event', () => {
  expect(readAuditEvents(log)).toEqual([
    {
      serial: '1000.500:7', time: 1_000_500, domain: '1a2b', blockers: ['fs.read_file'], path: '/srv/secret',
      port: null, pid: 31, comm: 'cat', call: 'openat',
    },
    {
      serial: '1001.000:8', time: 1_001_000, domain: '1a2b', blockers: ['net.connect_tcp'], path: null, port: 80,
      pid: null, comm: null, call: null,
    },
    {
      serial: '1002.000:9', time: 1_002_000, domain: '1a2b', blockers: ['fs.make_reg', 'fs.refer'], path: '/a b',
      port: null, pid: null, comm: null, call: null,
    },
  ])
})

describe('joined with denials', () => {
  const denial = (over: object, time = 1_000_400): NativeDenial => ({
    path: '/srv/secret', comm: 'cat', ...over,
    record: { kind: 'denial', rc: -EACCES, args: 'path' in over ? { port: 80 } : {}, time },
  }) as unknown as NativeDenial

  test.each<[what: string, denials: NativeDenial[], joined: boolean[]]>([
    ['none', [], [false, false, false]],
    ['the same file', [denial({})], [true, false, false]],
    ['once', [denial({}), denial({})], [true, false, false]],
    ['another program', [denial({ comm: 'dd' })], [false, false, false]],
    ['another time', [denial({}, 1_009_000)], [false, false, false]],
    ['a port', [denial({ path: null })], [false, true, false]],
  ])('%s', (_, denials, joined) => {
    expect(joinAudit(readAuditEvents(log), denials).map((one) => one.denial !== null)).toEqual(joined)
  })
})

const recorded = join(import.meta.dirname, 'recorded')

/** Acts that this kernel's Landlock knows: 6.18 has ABI 7, and 7.3 has ABI 11. */
const known: Readonly<Record<string, number>> = { '6.18.log': 15, '7.3.log': 17 }

test.each(readdirSync(recorded))('%s: each act that Landlock has refused is one event', (file) => {
  const acts = eventsOfActs(readFileSync(join(recorded, file), 'utf8').trim().split('\n'))
  expect(acts.filter((act) => !isExpected(act))).toEqual([])
  expect(acts.length).toBe(known[file])
  for (const { events } of acts) expect(events[0]).toMatchObject({ comm: 'init', call: expect.any(String) })
})
