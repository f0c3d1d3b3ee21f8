import {
  CAP_CHOWN, CAP_OPT_INSETID, CAP_OPT_NONE, CAP_SETGID, CAP_SETUID, EACCES, EPERM, SIGKILL,
} from '@lsmkit/abi'
import { ask } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { aSafeSetId } from '../test/setid.ts'
import type { Ids } from '../test/setid.ts'

const policy = '1000:1001\n1000:1002\n1001:1001\n1002:1002\n'

interface Row {
  readonly rule: string
  readonly from: Ids
  readonly to: Ids
  readonly rc: number
}

const rows: readonly Row[] = [
  { rule: 'nobody has rules for it', from: [500], to: [0], rc: 0 },
  { rule: 'a rule', from: [1000], to: [1001], rc: 0 },
  { rule: 'no rule', from: [1000], to: [1003], rc: -EACCES },
  { rule: 'root is not special', from: [1000], to: [0], rc: -EACCES },
  { rule: 'back to one of its own', from: [1000, 0, 7], to: [7, 1000, 0], rc: 0 },
  { rule: 'the real id counts, not the effective one', from: [500, 1000], to: [9], rc: 0 },
  { rule: 'an effective id is not a way around', from: [1000, 0], to: [1003], rc: -EACCES },
  { rule: 'only the effective one is foreign', from: [1000], to: [1000, 1003], rc: -EACCES },
  { rule: 'only the saved one is foreign', from: [1000], to: [1000, 1000, 1003, 1000], rc: -EACCES },
  { rule: 'only that of files is foreign', from: [1000], to: [1000, 1000, 1000, 1003], rc: -EACCES },
  { rule: 'a rule that leads to itself', from: [1001], to: [1001], rc: 0 },
  { rule: 'and nowhere else', from: [1001], to: [1000], rc: -EACCES },
]

describe.each(['uid', 'gid'] as const)('%s', (kind) => {
  test.each(rows)('$rule: $from -> $to', ({ from, to, rc }) => {
    const f = aSafeSetId({ [`${kind}Policy`]: policy })
    const change = kind === 'uid' ? f.setuid : f.setgid
    expect(change(from, to).rc).toBe(rc)
    expect(f.killed).toEqual(rc === 0 ? [] : [[f.root, SIGKILL]])
  })

  test('the other kind\'s rules do not count', () => {
    const f = aSafeSetId({ [`${kind === 'uid' ? 'gid' : 'uid'}Policy`]: policy })
    expect((kind === 'uid' ? f.setuid : f.setgid)([1000], [1003]).rc).toBe(0)
  })
})

describe('groups', () => {
  test.each([
    { rule: 'none', groups: [], rc: 0 },
    { rule: 'allowed ones and its own', groups: [1001, 1000, 1002], rc: 0 },
    { rule: 'one that is not', groups: [1001, 4, 1002], rc: -EACCES },
  ])('$rule -> $rc', ({ groups, rc }) => {
    const f = aSafeSetId({ gidPolicy: policy })
    expect(f.setgroups([1000], groups).rc).toBe(rc)
    expect(f.killed).toHaveLength(rc === 0 ? 0 : 1)
    expect(f.setgroups([500], [4]).rc).toBe(0)
  })

  test('the quirk: whether it is constrained is asked of the gid, and what it may of the uid', () => {
    const f = aSafeSetId({ gidPolicy: policy })
    const old = f.credOf('gid', [1000])
    const next = f.credOf('gid', [1003])
    const fix = () => ask(f.stack, 'task_fix_setgid', next, old, 0).rc
    old.uid = 5
    expect(fix()).toBe(0)
    old.uid = 1001
    expect(fix()).toBe(-EACCES)
    old.gid = 5
    expect(fix()).toBe(0)
  })
})

describe('capable', () => {
  test.each([
    { cap: CAP_SETUID, opts: CAP_OPT_NONE, uid: 1000, gid: 0, rc: -EPERM },
    { cap: CAP_SETUID, opts: CAP_OPT_INSETID, uid: 1000, gid: 0, rc: 0 },
    { cap: CAP_SETUID, opts: CAP_OPT_NONE, uid: 500, gid: 1000, rc: 0 },
    { cap: CAP_SETGID, opts: CAP_OPT_NONE, uid: 0, gid: 1000, rc: -EPERM },
    { cap: CAP_SETGID, opts: CAP_OPT_INSETID, uid: 0, gid: 1000, rc: 0 },
    { cap: CAP_SETGID, opts: CAP_OPT_NONE, uid: 1000, gid: 500, rc: 0 },
    { cap: CAP_CHOWN, opts: CAP_OPT_NONE, uid: 1000, gid: 1000, rc: 0 },
  ])('$cap with $opts as $uid:$gid -> $rc', ({ cap, opts, uid, gid, rc }) => {
    const f = aSafeSetId({ uidPolicy: policy, gidPolicy: policy })
    const { cred } = f.build.aTask({ uid: 0 })
    cred.uid = uid
    cred.gid = gid
    expect(ask(f.stack, 'capable', cred, cred.user_ns, cap, opts).rc).toBe(rc)
    expect(f.killed).toEqual([])
  })
})

test('what is said', () => {
  const f = aSafeSetId({ uidPolicy: policy, gidPolicy: '1000:1000\n' })
  expect(f.setuid([1000, 0, 7], [0xfffffffe]).reason).toBe('UID transition ((1000,0,7) -> -2) blocked')
  expect(f.setgroups([1000], [5]).reason).toBe('GID transition ((1000,1000,1000) -> 5) blocked')
  const { cred } = f.build.aTask({ uid: 0 })
  cred.uid = 1000
  const text = 'Operation requires CAP_SETUID, which is not available to UID 1000 for operations besides approved ' +
    'set*uid transitions'
  expect(ask(f.stack, 'capable', cred, cred.user_ns, CAP_SETUID, CAP_OPT_NONE).reason).toBe(text)
  expect(f.log.at(-1)).toBe(`SafeSetID: ${text}`)
})

test('without a kernel there is nobody to kill, and the answer is the same', () => {
  const f = aSafeSetId({ uidPolicy: policy })
  f.setHost({ services: undefined as never })
  expect(f.setuid([1000], [0]).rc).toBe(-EACCES)
})
