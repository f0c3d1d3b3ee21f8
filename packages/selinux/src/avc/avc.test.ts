import { EACCES } from '@lsmkit/abi'
import { beforeEach, describe, expect, test } from 'vitest'
import { AV, permissionNames, SECCLASS } from '../class-map.ts'
import { AVD_FLAGS_NEVERAUDIT, AVD_FLAGS_PERMISSIVE, XPERM_IOCTL } from '../server/decision.ts'
import type { AvDecision, DecisionSource, XpermDecision } from '../server/decision.ts'
import { Avc } from './avc.ts'

const FILE = SECCLASS.file
const { read, write, ioctl, audit_access } = AV.file

interface Rule {
  allowed?: number
  auditallow?: number
  dontaudit?: number
  flags?: number
  /** Commands of driver 0x54 that are allowed, audited when allowed, and not audited when refused. */
  commands?: readonly number[]
  loud?: readonly number[]
  silent?: readonly number[]
}

/** A policy of one rule a pair, which counts its questions. */
class Rules implements DecisionSource {
  readonly rules = new Map<string, Rule>()
  asked = 0

  rule(ssid: number, tsid: number, rule: Rule): void {
    this.rules.set(`${ssid} ${tsid}`, rule)
  }

  computeAv(ssid: number, tsid: number, _tclass: number, out: AvDecision): void {
    this.asked++
    const { allowed = 0, auditallow = 0, dontaudit = 0, flags = 0, commands } = this.rules.get(`${ssid} ${tsid}`) ?? {}
    out.allowed = allowed
    out.auditallow = auditallow
    out.auditdeny = ~dontaudit
    out.flags = flags
    out.xperms.len = commands === undefined ? 0 : 1
    out.xperms.base = XPERM_IOCTL
    out.xperms.drivers.fill(0)
    out.xperms.drivers[0x54 >>> 5]! |= 1 << (0x54 & 31)
  }

  computeXperms(ssid: number, tsid: number, _c: number, _d: number, _b: number, out: XpermDecision): void {
    const { commands = [], loud = [], silent = [] } = this.rules.get(`${ssid} ${tsid}`) ?? {}
    const sets = [[out.allowed, commands], [out.auditallow, loud], [out.dontaudit, silent]] as const
    for (const [set, list] of sets) {
      set.fill(0)
      for (const command of list) set[command >>> 5]! |= 1 << (command & 31)
    }
  }
}

let rules: Rules
let records: string[]
let avc: Avc
const make = (enforcing = true, threshold?: number): Avc =>
  new Avc(
    rules,
    (ssid, tsid, tclass, audited, denied, rc) => {
      const what = `${denied === 0 ? 'granted' : 'denied'} ${permissionNames(tclass, audited).join(' ')}`
      records.push(`${what} ${ssid}->${tsid}${denied !== 0 && rc === 0 ? ' permissive' : ''}`)
    },
    enforcing,
    threshold,
  )
beforeEach(() => {
  rules = new Rules()
  records = []
  avc = make()
})
const ask = (requested: number, ssid = 10, tsid = 20): number =>
  avc.hasPerm(ssid, tsid, FILE, requested, 'nothing', null)

describe('decisions', () => {
  test('are asked for once', () => {
    rules.rule(10, 20, { allowed: read })
    expect([ask(read), ask(read), ask(write), ask(read | write)]).toEqual([0, 0, -EACCES, -EACCES])
    expect(rules.asked).toBe(1)
    expect(avc.stats).toMatchObject({ lookups: 4, misses: 1, allocations: 1 })
  })

  test('no permission at all is refused', () => {
    rules.rule(10, 20, { allowed: -1 })
    expect([ask(0), avc.hasPermNoAudit(10, 20, FILE, 0)]).toEqual([-EACCES, -EACCES])
  })

  test('the 32nd permission of a class is one like the others', () => {
    rules.rule(10, 20, { allowed: 1 << 31 })
    const { setfcap, chown } = AV.capability
    const cap = (perm: number): number => avc.hasPerm(10, 20, SECCLASS.capability, perm, 'nothing', null)
    expect([cap(setfcap), cap(chown)]).toEqual([0, -EACCES])
    expect(records).toEqual(['denied chown 10->20'])
  })

  test('a flush forgets them all, whatever their number', () => {
    for (let tsid = 1; tsid <= 3000; tsid++) ask(read, 10, tsid)
    const { asked } = rules
    avc.flush()
    expect(avc.entries).toBe(0)
    rules.rule(10, 5, { allowed: read })
    expect([ask(read, 10, 5), rules.asked - asked]).toEqual([0, 1])
    expect(avc.occupancy()).toMatchObject({ entries: 1, used: 1, longest: 1 })
  })

  test('the least room still gives right answers', () => {
    avc = make(true, 1)
    for (let tsid = 1; tsid <= 50; tsid++) rules.rule(10, tsid, { allowed: tsid % 3 === 0 ? read : 0 })
    for (let round = 0; round < 3; round++) {
      for (let tsid = 1; tsid <= 50; tsid++) expect(ask(read, 10, tsid)).toBe(tsid % 3 === 0 ? 0 : -EACCES)
    }
    expect(avc.stats.reclaims).toBeGreaterThan(0)
    expect(avc.entries).toBeLessThanOrEqual(4)
  })

  test('agree with the source on random questions, across flushes and resizes', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) % below
    }
    for (let i = 0; i < 20_000; i++) {
      const ssid = 1 + random(40)
      const tsid = 1 + random(40)
      if (i % 997 === 0) avc.flush()
      if (i % 4999 === 0) avc.resize(16 << random(5))
      if (!rules.rules.has(`${ssid} ${tsid}`)) rules.rule(ssid, tsid, { allowed: random(1 << 20) })
      const requested = 1 << random(20)
      const { allowed } = rules.rules.get(`${ssid} ${tsid}`)!
      expect(ask(requested, ssid, tsid)).toBe((allowed! & requested) !== 0 ? 0 : -EACCES)
    }
  })
})

describe('records', () => {
  test.each([
    { say: 'a refusal', rule: { allowed: read }, ask: read | write, rc: -EACCES, out: ['denied write 10->20'] },
    { say: 'dontaudit', rule: { dontaudit: write }, ask: write, rc: -EACCES, out: [] },
    { say: 'dontaudit of a part', rule: { dontaudit: write }, ask: read | write, rc: -EACCES,
      out: ['denied read 10->20'] },
    { say: 'a grant', rule: { allowed: read }, ask: read, rc: 0, out: [] },
    { say: 'auditallow', rule: { allowed: read | write, auditallow: write }, ask: read | write, rc: 0,
      out: ['granted write 10->20'] },
    { say: 'auditallow of a refusal', rule: { auditallow: write }, ask: write, rc: -EACCES,
      out: ['denied write 10->20'] },
    {
      say: 'a permissive domain', rule: { flags: AVD_FLAGS_PERMISSIVE }, ask: write, rc: 0,
      out: ['denied write 10->20 permissive'],
    },
    { say: 'one that is never audited', rule: { flags: AVD_FLAGS_PERMISSIVE | AVD_FLAGS_NEVERAUDIT }, ask: write,
      rc: 0, out: [] },
  ])('$say', ({ rule, ask: requested, rc, out }) => {
    rules.rule(10, 20, rule)
    expect(ask(requested)).toBe(rc)
    expect(records).toEqual(out)
  })

  test('permissive: each refusal is told once, until the cache is flushed', () => {
    avc = make(false)
    expect([ask(write), ask(write), ask(read)]).toEqual([0, 0, 0])
    expect(records).toEqual(['denied write 10->20 permissive', 'denied read 10->20 permissive'])
    avc.enforcing = true
    avc.flush()
    expect(ask(write)).toBe(-EACCES)
  })

  test('access(2) is told of unless audit_access is not', () => {
    const access = (): number => avc.hasPermUnless(10, 20, FILE, write, audit_access, 'nothing', null)
    rules.rule(10, 20, { dontaudit: audit_access })
    expect([access(), ask(write)]).toEqual([-EACCES, -EACCES])
    expect(records).toEqual(['denied write 10->20'])
    rules.rule(10, 20, {})
    avc.flush()
    expect([access(), records.length]).toEqual([-EACCES, 2])
  })

  test('an allowed access(2) is one look-up, and told of where the policy says so', () => {
    rules.rule(10, 20, { allowed: write, auditallow: write })
    const before = avc.stats.lookups
    expect(avc.hasPermUnless(10, 20, FILE, write, audit_access, 'nothing', null)).toBe(0)
    expect([avc.stats.lookups - before, records]).toEqual([1, ['granted write 10->20']])
  })

  test('a quiet question is not told of', () => {
    expect([avc.hasPermNoAudit(10, 20, FILE, write), records]).toEqual([-EACCES, []])
  })
})

describe('extended permissions', () => {
  const command = (cmd: number): number =>
    avc.hasExtendedPerms(10, 20, FILE, ioctl, cmd >>> 8, XPERM_IOCTL, cmd & 255, 'nothing', null)

  test.each([
    { say: 'none: the base permission is enough', rule: { allowed: ioctl }, cmd: 0x5401, rc: 0, out: [] },
    { say: 'a command that is listed', rule: { allowed: ioctl, commands: [1] }, cmd: 0x5401, rc: 0, out: [] },
    { say: 'one that is not', rule: { allowed: ioctl, commands: [1] }, cmd: 0x5402, rc: -EACCES,
      out: ['denied ioctl 10->20'] },
    { say: 'another driver', rule: { allowed: ioctl, commands: [1] }, cmd: 0x1201, rc: -EACCES,
      out: ['denied ioctl 10->20'] },
    { say: 'no base permission', rule: { commands: [1] }, cmd: 0x5401, rc: -EACCES, out: ['denied ioctl 10->20'] },
    { say: 'dontauditx', rule: { allowed: ioctl, commands: [], silent: [2] }, cmd: 0x5402, rc: -EACCES, out: [] },
    {
      say: 'auditallow without auditallowx', rule: { allowed: ioctl, auditallow: ioctl, commands: [1] }, cmd: 0x5401,
      rc: 0, out: [],
    },
    {
      say: 'auditallowx', rule: { allowed: ioctl, auditallow: ioctl, commands: [1], loud: [1] }, cmd: 0x5401, rc: 0,
      out: ['granted ioctl 10->20'],
    },
  ])('$say', ({ rule, cmd, rc, out }) => {
    rules.rule(10, 20, rule)
    expect(command(cmd)).toBe(rc)
    expect(records).toEqual(out)
  })

  test('permissive: a command is told of once, and its neighbour too', () => {
    avc = make(false)
    rules.rule(10, 20, { allowed: ioctl, commands: [1] })
    expect([0x1207, 0x1207, 0x1208, 0x5409, 0x5409].map((cmd) => command(cmd))).toEqual([0, 0, 0, 0, 0])
    expect(records).toHaveLength(3)
  })
})

describe('what is recorded of a decision may lead to another one', () => {
  /** The source does this before it answers about the pair 1 2. */
  const during = (act: () => void): void => {
    const { computeAv } = rules
    rules.computeAv = function (this: Rules, ssid, tsid, tclass, out) {
      computeAv.call(this, ssid, tsid, tclass, out)
      if (ssid === 1 && tsid === 2) act()
    }
  }

  test('each has its own answer', () => {
    rules.rule(1, 2, { allowed: read })
    rules.rule(3, 4, { allowed: read | write })
    during(() => expect(avc.hasPermNoAudit(3, 4, FILE, write)).toBe(0))
    expect(avc.hasPermNoAudit(1, 2, FILE, write)).toBe(-EACCES)
    expect(avc.hasPermNoAudit(1, 2, FILE, write)).toBe(-EACCES)
    expect(avc.hasPermNoAudit(3, 4, FILE, write)).toBe(0)
    expect(rules.asked).toBe(2)
  })

  test.each([
    { what: 'a flush', act: () => avc.flush() },
    { what: 'another size', act: () => avc.resize(16) },
    { what: 'both', act: () => (avc.flush(), avc.resize(1 << 16)) },
  ])('$what meanwhile: what was decided before is asked again', ({ act }) => {
    rules.rule(1, 2, { allowed: read })
    during(act)
    expect(avc.hasPermNoAudit(1, 2, FILE, read)).toBe(0)
    rules.rule(1, 2, {})
    expect(avc.hasPermNoAudit(1, 2, FILE, read)).toBe(-EACCES)
  })
})
