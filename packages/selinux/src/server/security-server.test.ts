import { EACCES, EINVAL, EPERM } from '@lsmkit/abi'
import { beforeEach, describe, expect, test } from 'vitest'
import { PolicyError } from '../policydb/errors.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { writePolicy } from '../policydb/writer.ts'
import { smallPolicy, smallPolicyBytes } from '../testing/small-policy.ts'
import { AVD_FLAGS_PERMISSIVE, AvDecision, XPERM_IOCTL, XPERM_NLMSG, XpermDecision } from './decision.ts'
import { SecurityServer } from './security-server.ts'
import type { SecurityServerOptions } from './server-types.ts'

let server: SecurityServer
const serverWith = (options: SecurityServerOptions = {}, bytes = smallPolicyBytes()): SecurityServer => {
  const made = new SecurityServer(options)
  made.load(bytes)
  return made
}
beforeEach(() => {
  server = serverWith()
})

const changed = (change: (policy: Policydb) => void): Uint8Array => {
  const policy = smallPolicy()
  change(policy)
  return writePolicy(policy)
}

const sid = (text: string, of = server): number => {
  const found = of.contextToSid(text)
  if (found < 0) throw new Error(`\`${text}\` is not a context`)
  return found
}
const classOf = (name: string, of = server): number => of.policyClasses().find((item) => item.name === name)!.value

const user = 'joe:user_r:user_t:s0'
const init = 'system_u:system_r:init_t:s0'
const home = 'joe:object_r:home_t:s0'

/** Names of the permissions granted. */
const allowed = (source: string, target: string, tclass: string, of = server): string[] => {
  const out = new AvDecision()
  of.computeAvUser(sid(source, of), sid(target, of), classOf(tclass, of), out)
  const { permissions } = of.policyClasses().find(({ name }) => name === tclass)!
  return permissions.filter(({ value }) => (out.allowed & (1 << (value - 1))) !== 0).map(({ name }) => name)
}

describe('contexts', () => {
  test.each([
    { text: 'joe:user_r:user_t:s0', canonical: 'joe:user_r:user_t:s0' },
    { text: 'joe:user_r:user_t:s0-s0', canonical: 'joe:user_r:user_t:s0' },
    { text: 'joe:user_r:user_t:s0-s1:c0,c1,c2,c5', canonical: 'joe:user_r:user_t:s0-s1:c0.c2,c5' },
    { text: 'joe:user_r:user_t:s0:c1,c0', canonical: 'joe:user_r:user_t:s0:c0,c1' },
    { text: 'joe:user_r:user_t:s0:c0.c1', canonical: 'joe:user_r:user_t:s0:c0,c1' },
    { text: 'joe:object_r:passwords_t:public:finance', canonical: 'joe:object_r:secret_t:s0:c3' },
    { text: 'joe:object_r:user_t:s2', canonical: 'joe:object_r:user_t:s2' },
  ])('$text is $canonical', ({ text, canonical }) => {
    expect(server.sidToContext(sid(text))).toBe(canonical)
    expect(sid(canonical)).toBe(sid(text))
  })

  test.each([
    { text: '', why: 'nothing' },
    { text: 'joe:user_r', why: 'no type' },
    { text: 'joe:user_r:user_t', why: 'no range in an MLS policy' },
    { text: 'nobody:user_r:user_t:s0', why: 'no such user' },
    { text: 'joe:system_r:user_t:s0', why: 'a role the user has not' },
    { text: 'joe:user_r:init_t:s0', why: 'a type the role has not' },
    { text: 'joe:object_r:domain:s0', why: 'an attribute' },
    { text: 'joe:user_r:user_t:s3', why: 'no such sensitivity' },
    { text: 'joe:user_r:user_t:s0:c6', why: 'no such category' },
    { text: 'joe:user_r:user_t:s0:c2.c1', why: 'a run that descends' },
    { text: 'joe:user_r:user_t:s0:c1.c1', why: 'a run of one' },
    { text: 'joe:user_r:user_t:s0:', why: 'no category where one is announced' },
    { text: 'joe:user_r:user_t:s0-', why: 'no high level where one is announced' },
    { text: 'joe:user_r:user_t:s1-s0', why: 'a range upside down' },
    { text: 'joe:user_r:user_t:s0:c1-s1:c2', why: 'a high level without the low one\'s category' },
    { text: 'joe:user_r:user_t:s2', why: 'above the user' },
    { text: 'joe:object_r:home_t:s2:c2', why: 'a category its sensitivity has not' },
    { text: 'joe:user_r:user_t:s0 ', why: 'a blank behind it' },
  ])('$why: `$text` is none', ({ text }) => expect(server.contextToSid(text)).toBe(-EINVAL))

  test('a range that is missing comes from a default', () => {
    expect(server.sidToContext(server.contextToSid('joe:object_r:home_t', sid('joe:user_r:user_t:s1:c2'))))
      .toBe('joe:object_r:home_t:s1:c2')
  })

  test('of a policy without MLS have no range', () => {
    const plain = serverWith({}, changed((policy) => void (policy.mls = false)))
    expect(plain.sidToContext(sid('joe:user_r:user_t', plain))).toBe('joe:user_r:user_t')
    expect(plain.contextToSid(user)).toBe(-EINVAL)
    expect(plain.sidToContext(plain.contextToSid(user, 1))).toBe('joe:user_r:user_t')
  })

  test('before a policy is loaded, initial SIDs have names and nothing else is a context', () => {
    const fresh = new SecurityServer()
    expect(fresh.loaded).toBe(false)
    expect(['unlabeled', user, 'devnull', ''].map((text) => fresh.contextToSid(text))).toEqual([3, 1, 1, -EINVAL])
    expect([fresh.sidToContext(1), fresh.sidToContext(7), fresh.sidToContext(4)]).toEqual(['kernel', 'kernel', -EINVAL])
    const out = new AvDecision()
    fresh.computeAv(1, 2, 3, out)
    expect(out).toMatchObject({ allowed: -1, auditdeny: -1, seqno: 0 })
  })
})

describe('decisions', () => {
  test.each([
    {
      source: user, target: home, tclass: 'file', perms: ['read', 'write', 'create', 'getattr', 'open'],
      why: 'type rules',
    },
    {
      source: user, target: 'system_u:object_r:etc_t:s0', tclass: 'file', perms: ['ioctl', 'read', 'getattr', 'open'],
      why: 'a rule of an attribute',
    },
    {
      source: user, target: 'joe:object_r:etc_t:s1', tclass: 'file', perms: ['ioctl', 'getattr'],
      why: 'an MLS constraint on read and open',
    },
    {
      source: 'joe:user_r:user_t:s1:c1', target: home, tclass: 'file', perms: ['read', 'create', 'getattr', 'open'],
      why: 'no write down',
    },
    {
      source: init, target: 'joe:object_r:secret_t:s1', tclass: 'file',
      perms: ['ioctl', 'read', 'write', 'create', 'getattr', 'setattr', 'unlink', 'open'],
      why: 'the privileged are exempt',
    },
    {
      source: user, target: 'joe:object_r:secret_t:s0', tclass: 'file', perms: [],
      why: 'a conditional rule that is off',
    },
    {
      source: init, target: 'system_u:system_r:child_t:s0', tclass: 'process', perms: ['transition', 'sigchld'],
      why: 'the same role',
    },
    {
      source: init, target: 'joe:user_r:user_t:s0', tclass: 'process', perms: ['transition', 'sigchld'],
      why: 'a role that may be entered',
    },
    {
      source: init, target: 'joe:staff_r:user_t:s0', tclass: 'process', perms: ['sigchld'], why: 'a role that may not',
    },
    {
      source: 'joe:user_r:child_t:s0', target: home, tclass: 'file', perms: ['read', 'open'],
      why: 'within the bounds of its parent',
    },
    {
      source: 'joe:user_r:child_t:s0', target: 'joe:user_r:child_t:s0', tclass: 'process',
      perms: ['fork', 'sigchld', 'signal'], why: 'bounded on both sides',
    },
  ])('$why', ({ source, target, tclass, perms }) => expect(allowed(source, target, tclass)).toEqual(perms))

  test('what bounds take away is told', () => {
    const told: string[] = []
    const wide = serverWith({ report: (text) => void told.push(text) }, changed((policy) => {
      const [child, cache, file] = [
        policy.types.items.find(({ name }) => name === 'child_t')!.value,
        policy.types.items.find(({ name }) => name === 'cache_t')!.value,
        policy.classes.items.find(({ name }) => name === 'file')!.value,
      ]
      policy.avtab.add(child, cache, file, 1, 0b11)
    }))
    expect(allowed('joe:user_r:child_t:s0', 'joe:object_r:cache_t:s0', 'file', wide)).toEqual([])
    expect(told).toEqual([
      'op=security_compute_av reason=bounds scontext=joe:user_r:child_t:s0 tcontext=joe:object_r:cache_t:s0 ' +
        'tclass=file perms=ioctl,read',
    ])
  })

  test('auditallow, dontaudit, permissive domains and the sequence number', () => {
    const out = new AvDecision()
    server.computeAvUser(sid(user), sid('joe:object_r:secret_t:s0'), classOf('file'), out)
    expect(out).toMatchObject({ allowed: 0, auditallow: 1 << 1, auditdeny: ~((1 << 4) | (1 << 9)), flags: 0, seqno: 1 })
    server.computeAvUser(sid('system_u:object_r:tester_t:s0'), sid(home), classOf('file'), out)
    expect(out).toMatchObject({ allowed: 0, auditallow: 0, auditdeny: -1, flags: AVD_FLAGS_PERMISSIVE })
  })

  test('booleans change rules at once, and count as a new policy', () => {
    expect(
      server.booleans(),
    ).toEqual([{ name: 'user_reads_secrets', value: false }, { name: 'user_sends', value: true }])
    const secret = 'joe:object_r:secret_t:s0'
    const port = 'system_u:object_r:port_t:s0'
    expect(allowed(user, port, 'tcp_socket')).toEqual(['name_bind'])
    expect(server.setBooleans({ user_reads_secrets: true })).toBe(0)
    expect(server.seqno).toBe(2)
    expect(allowed(user, secret, 'file')).toEqual(['read', 'getattr', 'open'])
    expect(allowed(user, port, 'tcp_socket')).toEqual([])
    expect(server.setBooleans({ user_reads_secrets: false, nothing: true })).toBeLessThan(0)
    expect(allowed(user, secret, 'file')).toEqual(['read', 'getattr', 'open'])
    server.setBooleans({ user_reads_secrets: false })
    expect(allowed(user, secret, 'file')).toEqual([])
  })

  test('class 0 is all ones where the policy allows what it does not know, other unknown classes are nothing', () => {
    const lenient = serverWith({}, changed((policy) => void (policy.allowUnknown = true)))
    const out = new AvDecision()
    const ask = (of: SecurityServer, tclass: number) => {
      of.computeAvUser(1, 1, tclass, out)
      return out.allowed
    }
    expect([ask(lenient, 0), ask(lenient, 99), ask(server, 0), ask(server, 99)]).toEqual([-1, 0, 0, 0])
  })
})

describe('the kernel\'s classes', () => {
  const classes = [
    { name: 'widget', perms: ['use'] },
    { name: 'file', perms: ['open', 'read', 'polish', 'write'] },
    { name: 'process', perms: ['fork'] },
  ]
  const decision = (of: SecurityServer, tclass: number) => {
    const out = new AvDecision()
    of.computeAv(sid(user, of), sid(home, of), tclass, out)
    return { allowed: out.allowed >>> 0, auditdeny: out.auditdeny >>> 0 }
  }

  test('have the policy\'s rights in their own bits; what it does not know is denied', () => {
    server.setClassMap(classes)
    expect(decision(server, 2)).toEqual({ allowed: 0b1011, auditdeny: 0xffffffff })
    expect(decision(server, 1)).toEqual({ allowed: 0, auditdeny: 0xffffffff })
  })

  test('what the policy does not know is allowed if it says so', () => {
    const lenient = serverWith({}, changed((policy) => void (policy.allowUnknown = true)))
    lenient.setClassMap(classes)
    expect(decision(lenient, 2)).toEqual({ allowed: 0b1111, auditdeny: 0xfffffffb })
    expect(decision(lenient, 1)).toEqual({ allowed: 0xffffffff, auditdeny: 0xffffffff })
  })

  test('a policy that rejects what it does not know is not loaded', () => {
    server.setClassMap(classes)
    const before = decision(server, 2)
    const strict = changed((policy) => void (policy.rejectUnknown = true))
    expect(() => server.load(strict)).toThrow(expect.objectContaining({ code: 'incompatible' }))
    expect(decision(server, 2)).toEqual(before)
    expect(server.seqno).toBe(1)
  })

  test('the report of a load lists them', () => {
    const fresh = new SecurityServer()
    fresh.setClassMap(classes)
    expect(fresh.load(smallPolicyBytes())).toEqual({
      version: 34, seqno: 1, unknown: ['class widget', 'permission polish in class file'], unmapped: [],
    })
  })
})

describe('extended permissions', () => {
  const bits = (words: Uint32Array): number[] =>
    Array.from({ length: 256 }, (_, bit) => bit).filter((bit) => (words[bit >>> 5]! & (1 << (bit & 31))) !== 0)
  const out = new AvDecision()
  const xperms = new XpermDecision()
  const tty = 'joe:object_r:tty_t:s0'

  test('drivers that rules speak of', () => {
    server.computeAvUser(sid(user), sid(tty), classOf('chr_file'), out)
    expect({ len: out.xperms.len, base: out.xperms.base, drivers: bits(out.xperms.drivers) })
      .toEqual({ len: 1, base: XPERM_IOCTL, drivers: [0x54, 0x66, 0x89, 0xab] })
    server.computeAvUser(sid(user), sid(home), classOf('file'), out)
    expect({ len: out.xperms.len, drivers: bits(out.xperms.drivers) }).toEqual({ len: 0, drivers: [] })
    server.setBooleans({ user_sends: false })
    server.computeAvUser(sid(user), sid(tty), classOf('chr_file'), out)
    expect(bits(out.xperms.drivers)).toEqual([0x54, 0x66, 0x89])
  })

  test.each([
    { driver: 0x54, base: XPERM_IOCTL, allow: 256, auditallow: [1], dontaudit: 0 },
    { driver: 0x89, base: XPERM_IOCTL, allow: 17, auditallow: [], dontaudit: 0 },
    { driver: 0x66, base: XPERM_IOCTL, allow: 0, auditallow: [], dontaudit: 256 },
    { driver: 0x54, base: XPERM_NLMSG, allow: 0, auditallow: [], dontaudit: 0 },
  ])('driver $driver, base $base', ({ driver, base, allow, auditallow, dontaudit }) => {
    server.computeXperms(sid(user), sid(tty), classOf('chr_file'), driver, base, xperms)
    expect(bits(xperms.allowed)).toHaveLength(allow)
    expect(bits(xperms.auditallow)).toEqual(auditallow)
    expect(bits(xperms.dontaudit)).toHaveLength(dontaudit)
  })

  test('netlink messages', () => {
    server.computeXperms(sid(user), sid(user), classOf('netlink_route_socket'), 0, XPERM_NLMSG, xperms)
    expect(bits(xperms.allowed)).toEqual([0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18])
  })
})

describe('computed contexts', () => {
  const transition = (source: string, target: string, tclass: string, name: string | null = null, of = server) => {
    const found = of.transitionSidUser(sid(source, of), sid(target, of), classOf(tclass, of), name)
    return found < 0 ? found : of.sidToContext(found)
  }

  test.each([
    {
      what: 'a file like its directory', of: [user, 'system_u:object_r:etc_t:s1', 'file'], is: 'joe:object_r:etc_t:s0',
    },
    { what: 'a type rule', of: [user, home, 'file'], is: 'joe:object_r:cache_t:s0' },
    { what: 'a rule for a name', of: [user, home, 'file', 'secret.txt'], is: 'joe:object_r:secret_t:s0' },
    { what: 'a name that no rule has', of: [user, home, 'file', 'other.txt'], is: 'joe:object_r:cache_t:s0' },
    { what: 'a process like the old one', of: [user, 'system_u:object_r:etc_t:s0', 'process'], is: user },
    {
      what: 'a socket like who makes it', of: ['joe:user_r:user_t:s0-s1', home, 'tcp_socket'],
      is: 'joe:user_r:user_t:s0-s1',
    },
    {
      what: 'defaults of the class', of: [user, 'system_u:object_r:home_t:s1:c2', 'dir'],
      is: 'system_u:object_r:user_t:s1:c2',
    },
    {
      what: 'greatest low, least high',
      of: ['joe:user_r:user_t:s0:c1-s1:c1.c3', 'joe:object_r:home_t:s0-s0:c1,c2', 'fifo_file'],
      is: 'joe:object_r:home_t:s0-s0:c1,c2',
    },
    {
      what: 'ranges with nothing in common', of: ['joe:user_r:user_t:s0', 'joe:object_r:home_t:s1', 'fifo_file'],
      is: -EINVAL,
    },
  ] as const)('$what', ({ of: [source, target, tclass, name], is }) => {
    expect(transition(source, target, tclass, name ?? null)).toBe(is)
  })

  test('role and range change with the type; what is not valid is refused when enforcing and told', () => {
    const told: string[] = []
    let enforcing = true
    const own = serverWith({ enforcing: () => enforcing, report: (text) => void told.push(text) })
    const shell = 'system_u:object_r:shell_exec_t:s0'
    expect(transition(init, shell, 'process', null, own)).toBe(-EACCES)
    enforcing = false
    expect(transition(init, shell, 'process', null, own)).toBe('system_u:user_r:user_t:s0:c1-s1:c1,c2')
    const text = 'op=security_compute_sid invalid_context="system_u:user_r:user_t:s0:c1-s1:c1,c2"'
    expect(told).toEqual(Array(2).fill(`${text} scontext=${init} tcontext=${shell} tclass=process`))
  })

  test('libsepol makes a socket like any object', () => {
    const own = serverWith({ mode: 'libsepol' })
    expect(transition('joe:user_r:user_t:s0-s1', home, 'tcp_socket', null, own)).toBe('joe:object_r:home_t:s0')
  })

  test('members and changes', () => {
    const text = (found: number) => server.sidToContext(found)
    expect(
      text(server.memberSid(sid(user), sid('system_u:object_r:home_t:s1'), classOf('dir'))),
    ).toBe('system_u:object_r:cache_t:s0')
    expect(
      text(server.changeSid(sid(user), sid('system_u:object_r:tty_t:s0'), classOf('chr_file'))),
    ).toBe('joe:object_r:home_t:s0')
  })

  test('a conditional type rule follows its boolean', () => {
    const cache = 'joe:object_r:cache_t:s0'
    expect(transition(user, cache, 'file')).toBe(cache)
    server.setBooleans({ user_reads_secrets: true })
    expect(transition(user, cache, 'file')).toBe('joe:object_r:secret_t:s0')
  })
})

describe('a context with the range of another', () => {
  const secret = 'system_u:object_r:secret_t:s2:c0'

  test('is made where it is valid', () => {
    const copied = server.mlsCopySid(sid(user), sid('joe:object_r:home_t:s1:c2'))
    expect(server.sidToContext(copied)).toBe('joe:user_r:user_t:s1:c2')
    expect(server.mlsCopySid(sid(user), sid(init))).toBe(sid(user))
  })

  test('and refused and told where it is not, unless permissive', () => {
    const told: string[] = []
    let enforcing = true
    const own = serverWith({ report: (text) => void told.push(text), enforcing: () => enforcing })
    expect(own.mlsCopySid(sid(user, own), sid(secret, own))).toBe(-EINVAL)
    expect(told).toEqual(['op=security_sid_mls_copy invalid_context="joe:user_r:user_t:s2:c0"'])
    enforcing = false
    expect(own.sidToContext(own.mlsCopySid(sid(user, own), sid(secret, own)))).toBe('joe:user_r:user_t:s2:c0')
  })

  test('is the first itself without ranges', () => {
    const plain = serverWith({}, changed((policy) => void (policy.mls = false)))
    expect(plain.mlsCopySid(5, 3)).toBe(5)
    expect(new SecurityServer().mlsCopySid(5, 3)).toBe(5)
  })
})

describe('changes of labels', () => {
  test.each([
    { from: home, to: 'joe:object_r:cache_t:s0', task: user, rc: 0 },
    { from: home, to: 'system_u:object_r:home_t:s0', task: user, rc: -EPERM },
    { from: home, to: 'joe:object_r:home_t:s1', task: user, rc: -EPERM },
    { from: home, to: 'system_u:object_r:home_t:s1', task: init, rc: 0 },
    { from: 'joe:object_r:home_t:s1', to: home, task: init, rc: -EPERM },
  ])('$from to $to by $task: $rc', ({ from, to, task, rc }) => {
    expect(server.validateTransitionUser(sid(from), sid(to), sid(task), classOf('file'))).toBe(rc)
  })

  test('permissive mode tells and lets them be', () => {
    const told: string[] = []
    const own = serverWith({ enforcing: () => false, report: (text) => void told.push(text) })
    const ask = (tclass: number) =>
      own.validateTransition(sid(home, own), sid('system_u:object_r:home_t:s0', own), sid(user, own), tclass)
    expect([ask(classOf('file')), ask(99)]).toEqual([0, -EINVAL])
    expect(told).toEqual([
      `op=security_validate_transition seresult=denied oldcontext=${home} newcontext=system_u:object_r:home_t:s0 ` +
        `taskcontext=${user} tclass=file`,
    ])
  })

  test.each([
    { from: user, to: 'joe:user_r:child_t:s0', rc: 0 },
    { from: user, to: 'joe:staff_r:grandchild_t:s0', rc: 0 },
    { from: user, to: user, rc: 0 },
    { from: 'joe:user_r:child_t:s0', to: user, rc: -EPERM },
    { from: user, to: init, rc: -EPERM },
  ])('$to bounded by $from: $rc', ({ from, to, rc }) => expect(server.boundedTransition(sid(from), sid(to))).toBe(rc))
})

describe('objects without labels', () => {
  const homeContext = 'system_u:object_r:home_t:s0'
  const secret = 'system_u:object_r:secret_t:s1:c1'
  const port = 'system_u:object_r:port_t:s0'
  test.each([
    { what: 'a port', ask: (s: SecurityServer) => s.portSid(6, 22), is: secret },
    { what: 'a range of ports', ask: (s: SecurityServer) => s.portSid(6, 80), is: homeContext },
    { what: 'another protocol', ask: (s: SecurityServer) => s.portSid(132, 53), is: port },
    { what: 'an interface', ask: (s: SecurityServer) => s.netifSid('eth0'), is: secret },
    { what: 'another interface', ask: (s: SecurityServer) => s.netifSid('eth00'), is: port },
    { what: 'a node', ask: (s: SecurityServer) => s.nodeSid(2, Uint8Array.of(10, 1, 2, 3)), is: secret },
    {
      what: 'a node of a wider net', ask: (s: SecurityServer) => s.nodeSid(2, Uint8Array.of(10, 2, 2, 3)),
      is: homeContext,
    },
    {
      what: 'an IPv6 node',
      ask: (s: SecurityServer) => s.nodeSid(10, Uint8Array.of(0xfe, 0x80, ...Array<number>(14).fill(1))), is: secret,
    },
    { what: 'no node', ask: (s: SecurityServer) => s.nodeSid(2, Uint8Array.of(11, 0, 0, 1)), is: port },
    {
      what: 'a partition key',
      ask: (s: SecurityServer) => s.ibPkeySid(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0), 0x18), is: secret,
    },
    {
      what: 'another key', ask: (s: SecurityServer) => s.ibPkeySid(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0), 0x21),
      is: 'system_u:object_r:unlabeled_t:s0',
    },
    { what: 'an end port', ask: (s: SecurityServer) => s.ibEndportSid('mlx4_0', 1), is: homeContext },
    { what: 'the root of proc', ask: (s: SecurityServer) => s.genfsSid('proc', '/', 3), is: homeContext },
    { what: 'the longest path', ask: (s: SecurityServer) => s.genfsSid('proc', '//sys/kernel/core', 4), is: secret },
    { what: 'a path for files alone', ask: (s: SecurityServer) => s.genfsSid('proc', '/sys/vm', 4), is: homeContext },
    { what: 'the same for a file', ask: (s: SecurityServer) => s.genfsSid('proc', '/sys/vm', 3), is: secret },
    {
      what: 'an unknown file system', ask: (s: SecurityServer) => s.genfsSid('nofs', '/', 3),
      is: 'system_u:object_r:unlabeled_t:s0',
    },
  ])('$what', ({ ask, is }) => expect(server.sidToContext(ask(server))).toBe(is))

  test('file systems', () => {
    const use = (fstype: string) => {
      const { behavior, sid: found } = server.fsUse(fstype)
      return [behavior, server.sidToContext(found)]
    }
    expect([use('ext4'), use('tmpfs'), use('pipefs')].map(([behavior]) => behavior)).toEqual([1, 2, 3])
    expect(use('proc')).toEqual([4, homeContext])
    expect(use('nofs')).toEqual([5, 'system_u:object_r:unlabeled_t:s0'])
  })

  test('initial SIDs: those the kernel has no use for are left out, that of the first program is the kernel\'s', () => {
    expect(server.sidToContext(2)).toBe('system_u:object_r:etc_t:s0')
    expect(server.initialSid(4)).toBe(3)
    expect(server.sidToContext(7)).toBe(server.sidToContext(1))
    expect(serverWith({ mode: 'libsepol' }).sidToContext(7)).toBe('system_u:system_r:init_t:s0-s2:c0,c1')
  })
})

test('SIDs of a user', () => {
  const found = server.userSids(sid('system_u:system_r:init_t:s0-s1'), 'joe') as number[]
  expect(
    found.map((item) => server.sidToContext(item)),
  ).toEqual(['joe:user_r:user_t:s0-s1', 'joe:user_r:child_t:s0-s1'])
  expect(server.userSids(sid(user), 'nobody')).toBe(-EINVAL)
})

test('policy capabilities, and what the policy says of itself', () => {
  expect(['open_perms', 'always_check_network'].map((name) => server.policyCap(name))).toEqual([true, false])
  expect([server.mlsEnabled, server.allowUnknown, server.rejectUnknown]).toEqual([true, false, false])
})

describe('another policy', () => {
  const withoutSecrets = () => changed((policy) => {
    for (const item of policy.types.items) {
      if (item.name === 'secret_t') item.name = 'hidden_t'
      if (item.name === 'passwords_t') item.name = 'hidden_passwords_t'
    }
  })

  test('keeps SIDs by name; those it does not know keep their text, count as unlabelled, and come back', () => {
    const secret = sid('joe:object_r:secret_t:s0')
    const own = sid(user)
    expect(server.load(withoutSecrets()).unmapped).toEqual([secret])
    expect(server.sidToContext(own)).toBe(user)
    expect(server.sidToContext(secret)).toBe('system_u:object_r:unlabeled_t:s0')
    expect(server.sidToContext(secret, true)).toBe('joe:object_r:secret_t:s0')
    expect([server.isSidValid(secret), server.isSidValid(own)]).toEqual([false, true])
    const out = new AvDecision()
    server.computeAvUser(sid(init), secret, classOf('file'), out)
    expect(out.allowed).not.toBe(0)
    server.load(smallPolicyBytes())
    expect(server.sidToContext(secret)).toBe('joe:object_r:secret_t:s0')
    expect(sid('joe:object_r:secret_t:s0')).toBe(secret)
  })

  test('a text that is not a context has a SID of its own, which later becomes one', () => {
    server.load(withoutSecrets())
    const forced = server.contextToSidForce('joe:object_r:secret_t:s0')
    expect(server.contextToSid('joe:object_r:secret_t:s0')).toBe(-EINVAL)
    expect(server.contextToSidForce('joe:object_r:secret_t:s0')).toBe(forced)
    expect(server.sidToContext(forced)).toBe('system_u:object_r:unlabeled_t:s0')
    server.load(smallPolicyBytes())
    expect(server.sidToContext(forced)).toBe('joe:object_r:secret_t:s0')
  })

  test('without MLS takes ranges away, with it gives those of the unlabelled', () => {
    const own = sid('joe:user_r:user_t:s0-s1')
    server.load(changed((policy) => void (policy.mls = false)))
    expect(server.sidToContext(own)).toBe('joe:user_r:user_t')
    server.load(smallPolicyBytes())
    expect(server.sidToContext(own)).toBe('joe:user_r:user_t:s0')
  })

  test('keeps categories by name, though it orders them otherwise', () => {
    const own = sid('joe:user_r:user_t:s0:c0.c2')
    const order = ['c0', 'c3', 'c1', 'c2', 'c4', 'c5']
    server.load(changed(({ categories }) => {
      for (const item of categories.items) item.value = order.indexOf(item.name === 'finance' ? 'c3' : item.name) + 1
    }))
    expect(server.sidToContext(own)).toBe('joe:user_r:user_t:s0:c0,c1,c2')
    server.load(smallPolicyBytes())
    expect(server.sidToContext(own)).toBe('joe:user_r:user_t:s0:c0.c2')
  })

  test('keeps the states of booleans by name', () => {
    server.setBooleans({ user_reads_secrets: true })
    server.load(smallPolicyBytes())
    expect(server.booleans()[0]).toEqual({ name: 'user_reads_secrets', value: true })
    expect(allowed(user, 'joe:object_r:secret_t:s0', 'file')).toContain('read')
    expect(server.seqno).toBe(3)
    const fresh = serverWith({}, server.policyImage() as Uint8Array)
    expect(fresh.booleans()[0]!.value).toBe(true)
  })

  test.each([
    { what: 'cut short', bytes: () => smallPolicyBytes().subarray(0, 2000), code: 'truncated' },
    { what: 'a rule that is there twice', bytes: () => changed(({ avtab }) => {
      avtab.add(avtab.source[0]!, avtab.target[0]!, avtab.tclass[0]!, avtab.specified[0]!, avtab.datum[0]!)
    }), code: 'duplicate' },
    { what: 'a context of SID 0', bytes: () => changed(({ initialSids }) => {
      initialSids[0]!.sid = 0
    }), code: 'bad-value' },
    { what: 'no dyntransition', bytes: () => changed((policy) => {
      const { permissions } = policy.classes.items.find(({ name }) => name === 'process')!
      permissions.items.find(({ name }) => name === 'dyntransition')!.name = 'dance'
    }), code: 'incompatible' },
  ])('is refused, and the old one decides on: $what', ({ bytes, code }) => {
    const before = allowed(user, home, 'file')
    let failure: unknown = null
    try {
      server.load(bytes())
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(PolicyError)
    expect((failure as PolicyError).code).toMatch(code === 'truncated' ? /truncated|bad-count/ : code)
    expect(server.seqno).toBe(1)
    expect(allowed(user, home, 'file')).toEqual(before)
  })

  test('Linux 6.12 loads none newer than version 33', () => {
    const exact = new SecurityServer({ kernelExact: '6.12' })
    expect(() => exact.load(smallPolicyBytes())).toThrow(expect.objectContaining({ code: 'unsupported-version' }))
    expect(exact.loaded).toBe(false)
  })
})
