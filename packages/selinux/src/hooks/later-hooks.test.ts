/** The checks that later kernel releases make: netlink by message, memory files, mount namespaces, BPF tokens. */
import {
  AF_NETLINK, BPF_MAP_CREATE, BPF_PROG_LOAD, CAP_BPF, DCCPDIAG_GETSOCK, EACCES, EINVAL, FAN_MODIFY, NETLINK_ROUTE,
  NETLINK_SOCK_DIAG, NETLINK_XFRM, SOCK_RAW,
} from '@lsmkit/abi'
import type { BpfToken, Profile } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { policycapNames } from '../policydb/constants.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import { Machine } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'

const withCaps = (...names: readonly string[]): Uint8Array => {
  const policy = readPolicy(testPolicy('', '7.3'))
  policy.policycaps = Ebitmap.of([...policy.policycaps, ...names.map((name) => policycapNames.indexOf(name))])
  return writePolicy(policy)
}
const capable = withCaps('netlink_xperm', 'memfd_class', 'bpf_token_perms')
const machines = new Map<string, Machine>()
/** Its policy declares the later capabilities, unless it is plain. */
const machine = (profile: Profile, isPlain = false): Machine => {
  const key = `${profile} ${isPlain}`
  const made = machines.get(key) ?? new Machine(isPlain ? {} : { policy: capable }, {}, profile)
  machines.set(key, made)
  return made
}

const releases: readonly Profile[] = ['6.12', '6.18', '7.3']

describe('netlink', () => {
  const send = (m: Machine, who: string, type: number, protocol = NETLINK_ROUTE): unknown[] => {
    const data = new Uint8Array(16)
    const view = new DataView(data.buffer)
    view.setUint32(0, 16, true)
    view.setUint16(4, type, true)
    const { build, lsm } = m
    const sk = m.as('a_t', () => {
      const socket = build.aSocket({ sk: build.aSock({ sk_family: AF_NETLINK, sk_type: SOCK_RAW }) })
      lsm.socket_post_create.ask(socket, AF_NETLINK, SOCK_RAW, protocol, 0)
      return socket.sk!
    })
    return m.checks(who, () => lsm.netlink_send.ask(sk, build.anSkb({ data, len: 16 })))
  }

  test.each<[Profile, boolean, string]>([
    ['6.12', false, 'nlmsg_read'], ['6.18', true, 'nlmsg_read'], ['6.18', false, 'nlmsg'], ['7.3', false, 'nlmsg'],
  ])('on %s, plain policy %s: %s', (profile, isPlain, perm) => {
    const m = machine(profile, isPlain)
    expect(send(m, 'a_t', 18)).toEqual([`a_t a_t netlink_route_socket { ${perm} }`, 0])
    expect(send(m, 'n_t', 18)).toEqual([`DENIED n_t a_t netlink_route_socket { ${perm} }`, -EACCES])
  })

  test.each<[Profile, unknown, unknown]>([
    ['6.12', ['a_t a_t netlink_tcpdiag_socket { nlmsg_read }', 0], [-EINVAL]],
    ['6.18', [-EINVAL], [-EINVAL]],
    ['7.3', [-EINVAL], ['a_t a_t netlink_xfrm_socket { nlmsg_write }', 0]],
  ])('on %s: the message of DCCP, and XFRM_MSG_MIGRATE_STATE', (profile, dccp, moved) => {
    const m = machine(profile, true)
    expect(send(m, 'a_t', DCCPDIAG_GETSOCK, NETLINK_SOCK_DIAG)).toEqual(dccp)
    expect(send(m, 'a_t', 41, NETLINK_XFRM)).toEqual(moved)
  })

  test('a type that nobody knows has a number too', () => {
    expect(send(machine('6.12'), 'a_t', 250)).toEqual([-EINVAL])
    expect(send(machine('6.18'), 'a_t', 250)).toEqual(['a_t a_t netlink_route_socket { nlmsg }', 0])
  })
})

describe('memory files', () => {
  const asked = (m: Machine, who: string): unknown[] => {
    const inode = m.as('a_t', () => m.build.anInode())
    return m.checks(who, () => m.lsm.inode_init_security_anon.ask(inode, m.build.qstr('[memfd]'), null))
  }

  test.each(releases)('on %s', (profile) => {
    const expected = profile === '7.3' ? ['DENIED n_t n_t memfd_file { create }', -EACCES] : [0]
    expect(asked(machine(profile), 'n_t')).toEqual(expected)
    expect(asked(machine(profile, true), 'n_t')).toEqual([0])
  })
})

test.each(releases)('marks on mount namespaces on %s', (profile) => {
  const m = machine(profile)
  const path = m.as('a_t', () => m.build.aPath())
  const answer = m.checks('n_t', () => m.lsm.path_notify.ask(path, FAN_MODIFY, 3))
  if (profile === '6.12') expect(answer).toEqual([-EINVAL])
  else expect(answer).toEqual([expect.stringMatching(/^DENIED n_t \w+ \w+ \{ watch_mountns \}$/), -EACCES])
})

describe('BPF', () => {
  const commands = (...list: readonly number[]): bigint => list.reduce((mask, cmd) => mask | (1n << BigInt(cmd)), 0n)
  const aToken = (m: Machine, allowed: bigint): BpfToken => ({
    allowed_cmds: allowed, allowed_maps: 0n, allowed_progs: 0n, allowed_attachs: 0n, security: null,
  }) as never as BpfToken
  const grant = (m: Machine, who: string, token: BpfToken): unknown[] =>
    m.checks(who, () => m.lsm.bpf_token_create.ask(token, {}, m.build.aPath()))
  const create = (m: Machine, who: string, token: BpfToken | null): unknown[] =>
    m.checks(who, () => m.lsm.bpf_map_create.ask({} as never, {}, token))

  test('the making of a map is asked about in 7.3', () => {
    expect(releases.map((profile) => create(machine(profile), 'n_t', null)))
      .toEqual([[0], [0], ['DENIED n_t n_t bpf { map_create }', -EACCES]])
  })

  test('with the capability the call itself is not', () => {
    const call = (isPlain: boolean) =>
      machine('7.3', isPlain).checks('n_t', () => machine('7.3', isPlain).lsm.bpf.ask(BPF_MAP_CREATE, {}, 0))
    expect([call(true), call(false)]).toEqual([['DENIED n_t n_t bpf { map_create }', -EACCES], [0]])
  })

  test('a token has the commands that its grantor gave', () => {
    const m = machine('7.3')
    const token = aToken(m, commands(BPF_MAP_CREATE))
    expect(grant(m, 'a_t', token)).toEqual([expect.stringMatching(/^a_t \w+ bpf \{ map_create_as \}$/), 0])
    expect(grant(m, 'n_t', aToken(m, commands(BPF_PROG_LOAD))))
      .toEqual([expect.stringMatching(/^DENIED n_t \w+ bpf \{ prog_load_as \}$/), -EACCES])
    const answers = [BPF_MAP_CREATE, BPF_PROG_LOAD, 1].map((cmd) => m.lsm.bpf_token_cmd.ask(token, cmd))
    expect(answers).toEqual([0, -EACCES, 0])
    expect(m.checks('n_t', () => m.lsm.bpf_token_capable.ask(token, CAP_BPF)))
      .toEqual([expect.stringMatching(/^DENIED n_t \w+ cap2_userns \{ bpf \}$/), -EACCES])
  })

  test('earlier kernels ask about tokens nothing', () => {
    for (const profile of ['6.12', '6.18'] as const) {
      const m = machine(profile)
      const token = aToken(m, commands(BPF_MAP_CREATE))
      expect([grant(m, 'n_t', token), m.lsm.bpf_token_cmd.ask(token, BPF_PROG_LOAD)]).toEqual([[0], 0])
    }
  })
})
