import {
  CAP_FULL_SET, capFromBigInt, capIntersect, capIsSubset, CapSet, capSetOf, capToHex, capUnion, EPERM,
  LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE, SECBIT_KEEP_CAPS, SECBIT_NOROOT,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExecBranch } from './exec-branch.ts'
import { execBranches } from './exec-branch.ts'
import { execCaps } from './exec.ts'
import type { ExecCred, ExecQuestion } from './exec.ts'
import { rulesOf } from './profile.ts'

const CHOWN = 0
const SETUID = 7
const NET_RAW = 13
const copy = ({ lo, hi }: CapWords) => new CapSet(lo, hi)
const full = copy(CAP_FULL_SET)
const none = new CapSet()
const raw = capSetOf(NET_RAW)

const user: ExecCred = {
  uid: 1000, gid: 1000, euid: 1000, egid: 1000, fsgid: 1000, group_info: { gid: [] }, securebits: 0,
  cap_permitted: none, cap_inheritable: none, cap_effective: none, cap_ambient: none, cap_bset: full,
}
const ambient = { cap_permitted: raw, cap_inheritable: raw, cap_ambient: raw }
const fcaps = (permitted: CapSet, { inheritable = none, effective = true } = {}) =>
  ({ magic_etc: 0x02000000 | Number(effective), permitted, inheritable, rootid: 0 })

interface Case {
  readonly old?: Partial<ExecCred>
  readonly question?: Partial<ExecQuestion>
  readonly profile?: Profile
}
const exec = ({ old = {}, question = {}, profile = '6.12' }: Case) => {
  const cred = { ...user, ...old }
  const answer = execCaps({
    rules: rulesOf(profile), old: cred, euid: cred.euid, egid: cred.egid, root: 0, fileCaps: null, unsafe: 0,
    tracerCapable: () => true,
    setuidCapable: () => (cred.cap_effective.lo & (1 << SETUID)) !== 0,
    ...question,
  })
  const { rc, euid, permitted, effective, secureexec, branches } = answer
  return { rc, euid, P: capToHex(permitted), E: capToHex(effective), A: capToHex(answer.ambient), secureexec, branches }
}
const hex = (...caps: number[]) => capToHex(capSetOf(...caps))
const ALL = capToHex(CAP_FULL_SET)

describe('one branch each', () => {
  test.each<Case & { rule: string; branches: ExecBranch[]; expected: object }>([
    {
      rule: 'a plain program of a plain user has nothing',
      branches: ['root-not', 'effective-ambient'],
      expected: { rc: 0, P: hex(), E: hex(), secureexec: false },
    },
    {
      rule: 'root gets bounding and inheritable',
      old: { uid: 0, gid: 0, euid: 0, egid: 0, cap_permitted: full },
      branches: ['root-permitted', 'root-effective', 'effective-permitted'],
      expected: { P: ALL, E: ALL, secureexec: false },
    },
    {
      rule: 'setuid root',
      question: { euid: 0 },
      branches: ['root-permitted', 'root-effective', 'gained', 'user-id-changed', 'effective-permitted',
        'secure-id-changed', 'secure-caps'],
      expected: { euid: 0, P: ALL, E: ALL, secureexec: true },
    },
    {
      rule: 'setuid root with file capabilities: those alone',
      question: { euid: 0, fileCaps: fcaps(raw) },
      branches: ['file-caps', 'root-caps-from-file', 'gained', 'user-id-changed', 'effective-permitted',
        'secure-id-changed', 'secure-caps'],
      expected: { euid: 0, P: hex(NET_RAW), E: hex(NET_RAW) },
    },
    {
      rule: 'NOROOT: root is nobody',
      old: { uid: 0, euid: 0, cap_permitted: full, securebits: SECBIT_NOROOT },
      branches: ['root-not-special', 'effective-ambient'],
      expected: { P: hex(), E: hex() },
    },
    {
      rule: 'real root with another effective id has P and no E',
      old: { uid: 0, cap_permitted: full },
      branches: ['root-permitted', 'user-id-changed', 'effective-ambient', 'secure-id-changed'],
      expected: { P: ALL, E: hex() },
    },
    {
      rule: 'file capabilities',
      question: { fileCaps: fcaps(raw) },
      branches: ['file-caps', 'root-not', 'gained', 'effective-permitted', 'secure-caps'],
      expected: { P: hex(NET_RAW), E: hex(NET_RAW), secureexec: true },
    },
    {
      rule: 'more than bounding, effective: refused',
      old: { cap_bset: none },
      question: { fileCaps: fcaps(raw) },
      branches: ['file-caps-refused'],
      expected: { rc: -EPERM },
    },
    {
      rule: 'more than bounding, not effective: less',
      old: { cap_bset: capSetOf(CHOWN) },
      question: { fileCaps: fcaps(capSetOf(CHOWN, NET_RAW), { effective: false }) },
      branches: ['file-caps-reduced', 'root-not', 'gained', 'effective-ambient', 'secure-caps'],
      expected: { P: hex(CHOWN), E: hex() },
    },
    {
      rule: 'inherited through a file, past the bounding set',
      old: { cap_bset: none, cap_inheritable: raw, cap_permitted: raw },
      question: { fileCaps: fcaps(none, { inheritable: raw }) },
      branches: ['file-caps', 'root-not', 'effective-permitted', 'secure-caps'],
      expected: { P: hex(NET_RAW), E: hex(NET_RAW) },
    },
    {
      rule: 'ambient survives',
      old: ambient,
      branches: ['root-not', 'ambient-added', 'effective-ambient'],
      expected: { P: hex(NET_RAW), E: hex(NET_RAW), A: hex(NET_RAW), secureexec: false },
    },
    {
      rule: 'an attribute without capabilities clears ambient',
      old: ambient,
      question: { fileCaps: fcaps(none, { effective: false }) },
      branches: ['file-caps', 'root-not', 'ambient-cleared', 'effective-ambient'],
      expected: { P: hex(), E: hex(), A: hex() },
    },
    {
      rule: 'a changed group clears ambient',
      old: ambient,
      question: { egid: 5 },
      branches: ['root-not', 'group-id-changed', 'ambient-cleared', 'effective-ambient', 'secure-id-changed'],
      expected: { P: hex(), A: hex(), secureexec: true },
    },
    {
      rule: 'no_new_privs: no more than before, and no other id',
      question: { euid: 0, unsafe: LSM_UNSAFE_NO_NEW_PRIVS, setuidCapable: () => true },
      branches: ['root-permitted', 'root-effective', 'gained', 'user-id-changed', 'limited', 'ids-dropped',
        'effective-permitted', 'secure-id-changed', 'secure-caps'],
      expected: { euid: 1000, P: hex(), E: hex(), secureexec: true },
    },
    {
      rule: 'a shared fs struct: the id stays changed with CAP_SETUID',
      old: { cap_permitted: capSetOf(SETUID), cap_effective: capSetOf(SETUID) },
      question: { euid: 0, unsafe: LSM_UNSAFE_SHARE },
      branches: ['root-permitted', 'root-effective', 'gained', 'user-id-changed', 'limited', 'effective-permitted',
        'secure-id-changed', 'secure-caps'],
      expected: { euid: 0, P: hex(SETUID), E: hex(SETUID) },
    },
    {
      rule: 'a privileged tracer may watch',
      question: { fileCaps: fcaps(raw), unsafe: LSM_UNSAFE_PTRACE },
      branches: ['file-caps', 'root-not', 'gained', 'tracer-capable', 'effective-permitted', 'secure-caps'],
      expected: { P: hex(NET_RAW) },
    },
    {
      rule: 'another may not',
      question: { fileCaps: fcaps(raw), unsafe: LSM_UNSAFE_PTRACE, tracerCapable: () => false },
      branches: ['file-caps', 'root-not', 'gained', 'limited', 'ids-dropped', 'effective-permitted', 'secure-caps'],
      expected: { P: hex(), E: hex() },
    },
    {
      rule: 'ambient beyond permitted cannot be, and is refused',
      old: { ...ambient, cap_permitted: none },
      branches: ['ambient-broken'],
      expected: { rc: -EPERM },
    },
    {
      rule: 'KEEP_CAPS does not last',
      old: { securebits: SECBIT_KEEP_CAPS },
      branches: ['root-not', 'effective-ambient', 'keep-caps-cleared'],
      expected: { rc: 0 },
    },
  ])('$rule', ({ branches, expected, ...given }) => {
    expect(exec(given)).toMatchObject({ branches, ...expected })
  })

  test('every branch has a sentence', () => {
    for (const sentence of Object.values(execBranches)) expect(sentence.length).toBeGreaterThan(10)
  })
})

describe('what 6.18 does otherwise', () => {
  const old = { ...ambient, euid: 1001 }
  test('ids that differed before: 6.12 sees a change at every exec', () => {
    expect(exec({ old, profile: '6.12' })).toMatchObject({ A: hex(), secureexec: true })
  })
  test('6.18 sees none, keeps ambient, and is secure all the same', () => {
    expect(exec({ old, profile: '6.18' })).toMatchObject({
      A: hex(NET_RAW),
      secureexec: true,
      branches: ['root-not', 'ambient-added', 'effective-ambient', 'secure-ids-differ'],
    })
  })
  test('a group the process is in is no change', () => {
    const groups = { ...ambient, group_info: { gid: [5] } }
    expect(exec({ old: groups, question: { egid: 5 }, profile: '6.18' }).branches).not.toContain('group-id-changed')
    expect(exec({ old: groups, question: { egid: 5 }, profile: '6.12' }).branches).toContain('group-id-changed')
  })
})

describe('whatever the state', () => {
  const set = fc.bigInt({ min: 0n, max: (1n << 41n) - 1n }).map(capFromBigInt)
  const id = fc.constantFrom(0, 1000, 1001)
  const question = fc.record({
    profile: fc.constantFrom('6.12' as const, '6.18' as const, '7.3' as const),
    ids: fc.tuple(id, id, id, id, id, id),
    permitted: set, inheritable: set, effective: set, ambient: set, bounding: set,
    securebits: fc.nat(0xff),
    file: fc.option(fc.record({ permitted: set, inheritable: set, flag: fc.boolean() })),
    unsafe: fc.nat(7), tracer: fc.boolean(), setuid: fc.boolean(),
  }).map((g) => {
    const [uid, euid, gid, egid, newEuid, newEgid] = g.ids
    const old: ExecCred = {
      uid, euid, gid, egid, fsgid: egid, group_info: { gid: [] }, securebits: g.securebits,
      cap_permitted: g.permitted, cap_inheritable: g.inheritable,
      cap_effective: capIntersect(g.effective, g.permitted),
      cap_ambient: capIntersect(g.ambient, capIntersect(g.permitted, g.inheritable)),
      cap_bset: g.bounding,
    }
    const quiet = (g.unsafe & LSM_UNSAFE_NO_NEW_PRIVS) !== 0
    return {
      rules: rulesOf(g.profile), old, euid: quiet ? euid : newEuid, egid: quiet ? egid : newEgid, root: 0,
      fileCaps: g.file && fcaps(g.file.permitted, { inheritable: g.file.inheritable, effective: g.file.flag }),
      unsafe: g.unsafe, tracerCapable: () => g.tracer, setuidCapable: () => g.setuid,
    } satisfies ExecQuestion
  })
  const answered = (holds: (question: ExecQuestion) => void) => fc.property(question, holds)

  test('E is within P, A within P and I', () => {
    fc.assert(answered((q) => {
      const { rc, permitted, effective, ambient: kept } = execCaps(q)
      fc.pre(rc === 0)
      expect(capIsSubset(effective, permitted)).toBe(true)
      expect(capIsSubset(kept, capIntersect(permitted, q.old.cap_inheritable))).toBe(true)
    }))
  })

  test('nothing comes from nowhere: P is within old P, bounding and inheritable', () => {
    fc.assert(answered((q) => {
      const from = capUnion(q.old.cap_permitted, capUnion(q.old.cap_bset, q.old.cap_inheritable))
      expect(capIsSubset(execCaps(q).permitted, from)).toBe(true)
    }))
  })

  test('no_new_privs and a shared fs struct never gain', () => {
    fc.assert(answered((q) => {
      fc.pre((q.unsafe & (LSM_UNSAFE_NO_NEW_PRIVS | LSM_UNSAFE_SHARE)) !== 0)
      expect(capIsSubset(execCaps(q).permitted, q.old.cap_permitted)).toBe(true)
    }))
  })

  test('a new capability or id makes the program secure, unless it is run by real root', () => {
    fc.assert(answered((q) => {
      const { rc, effective, secureexec } = execCaps(q)
      const raised = rc === 0 && q.old.uid !== 0 && !capIsSubset(effective, q.old.cap_permitted)
      expect(secureexec || !raised).toBe(true)
    }), { numRuns: 2000 })
  })

  test('nothing that was given is changed', () => {
    fc.assert(answered((q) => {
      const before = JSON.stringify(q)
      execCaps(q)
      expect(JSON.stringify(q)).toBe(before)
    }))
  })
})
