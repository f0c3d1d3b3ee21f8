/** The record: which hooks there are, that it keeps the rules of a stack, and that two of them share nothing. */
import { existsSync, readFileSync } from 'node:fs'
import {
  AF_INET, EACCES, ENOENT, IPPROTO_MPTCP, IPPROTO_SCTP, IPPROTO_TCP, LSM_ID_APPARMOR, MSG_FASTOPEN, SOCK_STREAM,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, hookNames, OptionError, ref } from '@lsmkit/core'
import { buildersFor, conformanceKit } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import type { ApparmorBlobs } from './blobs.ts'
import type { Label } from './domain/objects.ts'
import { parseLabel } from './domain/parse-label.ts'
import { PolicyStore } from './domain/policy-store.ts'
import { apparmor } from './lsm.ts'
import type { Secmark } from './policydb/policy.ts'
import { aProfile, pdbOf, policyOf } from './testing/profiles.ts'

const facts = new URL('../../../../shared/facts/lsm-hooks.tsv', import.meta.url)

/** Names of the hooks of an instance, in the kernel's order. */
const implemented = (): string[] => {
  const own = apparmor()
  const seen: string[] = []
  createStack({ lsms: [capability(), { ...own, hooks: (ctx) => {
    const group = own.hooks(ctx)
    seen.push(...Object.keys(group))
    return group
  } }] })
  return hookNames.filter((name) => seen.includes(name))
}

test('75 hooks', () => {
  expect(implemented()).toHaveLength(75)
})

test.skipIf(!existsSync(facts))('the hooks that Linux 6.12 lists for AppArmor (needs ../shared)', () => {
  const rows = readFileSync(facts, 'utf8').split('\n').map((line) => line.split('\t'))
  const listed = rows.filter((cells) => cells[17]?.split(',').includes('apparmor')).map(([hook]) => hook!)
  expect(implemented().sort()).toEqual(listed.sort())
})

test('a legacy major, exclusive', () => {
  const { name, id, legacyMajor, exclusive, blobs } = apparmor()
  expect({ name, id, legacyMajor, exclusive }).toEqual({
    name: 'apparmor', id: LSM_ID_APPARMOR, legacyMajor: true, exclusive: true,
  })
  expect(Object.keys(blobs).sort()).toEqual(['cred', 'file', 'sock', 'task'])
})

test('a policy that is none is refused', () => {
  expect(() => apparmor({ policy: {} as PolicyStore })).toThrow(OptionError)
})

/** A stack with profiles `a` to `c`, `a` with rules for packets, and a TCP socket under `a`. */
const wired = (secmark: readonly Secmark[]) => {
  const policy = new PolicyStore()
  expect(policy.load(policyOf(aProfile('a', { secmark }), aProfile('b'), aProfile('c')), true)).toBe(0)
  const own = apparmor({ policy })
  const stack = createStack({ lsms: [capability(), own] })
  const build = buildersFor(stack)
  const sk = build.aSock({ sk_family: AF_INET, sk_type: SOCK_STREAM, sk_protocol: IPPROTO_TCP })
  const label = parseLabel(policy.root.unconfined.label, 'a', { create: false })
  ;(own.blobs as unknown as ApparmorBlobs).sock(sk).label = label as Label
  const packetOf = (name: string) => {
    const secid = ref(0)
    expect(stack.lsm.secctx_to_secid.ask(name, name.length, secid)).toBe(0)
    return build.anSkb({ secmark: secid.value })
  }
  const asked = (name: string): number => stack.lsm.socket_sock_rcv_skb.ask(sk, packetOf(name))
  return { stack, sk, build, asked, packetOf }
}

describe('packets with a secmark', () => {
  const rule = (label: string, parts: Partial<Secmark> = {}): Secmark => ({ label, audit: 0, deny: 0, ...parts })

  test('without rules, and without a mark, nobody is asked', () => {
    expect(wired([]).asked('b')).toBe(0)
    const { stack, sk, build } = wired([rule('c')])
    expect(stack.lsm.socket_sock_rcv_skb.ask(sk, build.anSkb({ secmark: 0 }))).toBe(0)
  })

  test.each<{ rules: Secmark[]; b: number; c: number }>([
    { rules: [rule('b')], b: 0, c: -EACCES },
    { rules: [rule('*')], b: 0, c: 0 },
    { rules: [rule('*'), rule('c', { deny: 1 })], b: 0, c: -EACCES },
    { rules: [rule('b'), rule('nobody')], b: -ENOENT, c: -ENOENT },
  ])('$rules', ({ rules, b, c }) => {
    const { asked } = wired(rules)
    expect([asked('b'), asked('c')]).toEqual([b, c])
  })

  test('a connection that comes in is asked for as well', () => {
    const { stack, sk, build, packetOf } = wired([rule('b')])
    expect(stack.lsm.inet_conn_request.ask(sk, packetOf('c'), build.aRequest())).toBe(-EACCES)
    const record = stack.audit.records.find(({ kind }) => kind === 'text')
    expect(record).toMatchObject({ details: { type: 'DENIED', operation: 'connect', class: 'net', profile: 'a' } })
    expect(record).toMatchObject({ text: expect.stringMatching(/ requested_mask="connect" denied_mask="connect"$/) })
  })
})

test.each<{ reason: string; protocol: number; flags: number; rc: number }>([
  { reason: 'a profile may send', protocol: IPPROTO_TCP, flags: 0, rc: 0 },
  { reason: 'TCP connects on the way', protocol: IPPROTO_TCP, flags: MSG_FASTOPEN, rc: -EACCES },
  { reason: 'so does TCP on several paths', protocol: IPPROTO_MPTCP, flags: MSG_FASTOPEN, rc: -EACCES },
  { reason: 'SCTP does not', protocol: IPPROTO_SCTP, flags: MSG_FASTOPEN, rc: 0 },
])('sendmsg: $reason', ({ protocol, flags, rc }) => {
  const policy = new PolicyStore()
  // class net, AF_INET, SOCK_STREAM: send
  const policydb = pdbOf({ '\u000e\0\u0002\0\u0001': [0x2, 0] }, { start: 1 })
  expect(policy.load(policyOf(aProfile('a', { policydb })), true)).toBe(0)
  const own = apparmor({ policy })
  const stack = createStack({ lsms: [capability(), own] })
  const build = buildersFor(stack)
  const label = parseLabel(policy.root.unconfined.label, 'a', { create: false }) as Label
  ;(own.blobs as unknown as ApparmorBlobs).cred(stack.current.task.cred).label = label
  const sk = build.aSock({ sk_family: AF_INET, sk_type: SOCK_STREAM, sk_protocol: protocol })
  const msg_name = { family: AF_INET, addr: '', port: 1, raw: new Uint8Array(16) }
  expect(stack.lsm.socket_sendmsg.ask(build.aSocket({ sk }), { msg_name, msg_flags: flags, control: [] }, 1)).toBe(rc)
})

describe('conformance', () => {
  test.each(conformanceKit(() => apparmor()))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})
