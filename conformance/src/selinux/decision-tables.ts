/** Tables of decisions: access, transitions, extended permissions, validity, transitions of labels. */
import { AvDecision, AVD_FLAGS_PERMISSIVE, XPERM_IOCTL, XPERM_NLMSG, XpermDecision } from '@lsmkit/selinux/server'
import type { Row } from '../suite.ts'
import type { PolicyUnderTest } from './policy-under-test.ts'

const hex = (mask: number): string => (mask >>> 0).toString(16)

/** 256 bits, the most significant word first; `0` of an empty set. */
const hex256 = (words: Uint32Array): string =>
  words.every((word) => word === 0) ? '0' : [...words].reverse().map((word) => hex(word).padStart(8, '0')).join('')

export function* accessRows(rows: readonly string[][], policy: PolicyUnderTest): Generator<Row> {
  const av = new AvDecision()
  for (const [n, [state = '', source = '', target = '', tclass = '', ...expected]] of rows.entries()) {
    policy.enter(state)
    policy.server.computeAvUser(policy.sid(source), policy.sid(target), policy.class(tclass), av)
    const flag = (av.flags & AVD_FLAGS_PERMISSIVE) !== 0 ? '1' : '0'
    const got = [hex(av.allowed), hex(av.auditallow), hex(av.auditdeny), flag].join(' ')
    yield { id: `access ${n}`, expected: expected.join(' '), got }
  }
}

/** Both result columns: libsepol's, and the kernel's. */
export function* transitionRows(
  rows: readonly string[][], libsepol: PolicyUnderTest, kernel: PolicyUnderTest,
): Generator<Row> {
  const ask = (policy: PolicyUnderTest, row: readonly string[]): string => {
    const [state = '', kind, source = '', target = '', tclass = '', name] = row
    policy.enter(state)
    const [ssid, tsid, value] = [policy.sid(source), policy.sid(target), policy.class(tclass)]
    const { server } = policy
    if (kind === 'member') return policy.text(server.memberSid(ssid, tsid, value))
    if (kind === 'change') return policy.text(server.changeSid(ssid, tsid, value))
    return policy.text(server.transitionSidUser(ssid, tsid, value, name === '-' ? null : name))
  }
  for (const [n, row] of rows.entries()) {
    const [expected = '', inKernel] = row.slice(6)
    const got = `${ask(libsepol, row)} ${ask(kernel, row)}`
    yield { id: `transitions ${n}`, expected: `${expected} ${inKernel === '=' ? expected : inKernel}`, got }
  }
}

export function* validRows(rows: readonly string[][], policy: PolicyUnderTest): Generator<Row> {
  for (const [n, [context = '', ...expected]] of rows.entries()) {
    const sid = policy.server.contextToSid(context)
    const text = sid < 0 ? '-' : policy.text(sid)
    const got = `${sid < 0 ? 0 : 1} ${text === context ? '=' : text}`
    yield { id: `valid ${n}`, expected: expected.join(' '), got }
  }
}

export function* validatetransRows(rows: readonly string[][], policy: PolicyUnderTest): Generator<Row> {
  for (const [n, [from = '', to = '', task = '', tclass = '', expected = '']] of rows.entries()) {
    const [oldsid, newsid, tasksid] = [policy.sid(from), policy.sid(to), policy.sid(task)]
    const rc = policy.server.validateTransitionUser(oldsid, newsid, tasksid, policy.class(tclass))
    yield { id: `validatetrans ${n}`, expected, got: rc === 0 ? '1' : '0' }
  }
}

export function* xpermRows(rows: readonly string[][], policy: PolicyUnderTest): Generator<Row> {
  const av = new AvDecision()
  const xperms = new XpermDecision()
  for (const [n, row] of rows.entries()) {
    const [state = '', source = '', target = '', tclass = '', driver, kind, ...expected] = row
    policy.enter(state)
    const [ssid, tsid, value] = [policy.sid(source), policy.sid(target), policy.class(tclass)]
    policy.server.computeAvUser(ssid, tsid, value, av)
    policy.server.computeXperms(ssid, tsid, value, Number(driver), kind === 'nlmsg' ? XPERM_NLMSG : XPERM_IOCTL, xperms)
    const { len, base, drivers } = av.xperms
    const sets = [drivers, xperms.allowed, xperms.auditallow, xperms.dontaudit].map(hex256)
    yield { id: `xperms ${n}`, expected: expected.join(' '), got: [hex(av.allowed), len, base, ...sets].join(' ') }
  }
}
