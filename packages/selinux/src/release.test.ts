/** What SELinux answers by the kernel release that the stack follows. */
import {
  AF_INET, EACCES, EINVAL, READING_FIRMWARE, READING_KEXEC_IMAGE, READING_KEXEC_INITRAMFS, READING_MODULE,
  READING_POLICY,
  READING_X509_CERTIFICATE, SOCK_DCCP,
} from '@lsmkit/abi'
import type { Profile, PseudoFile, PseudoIo } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { kernelClasses, permissionNames, SECCLASS } from './class-map.ts'
import { readPolicy, writePolicy } from './policydb/index.ts'
import { releaseOf } from './release.ts'
import { socketClass } from './socket-class.ts'
import { bytes, domain, Machine, object } from './testing/machine.ts'
import { testPolicy } from './testing/policy.ts'

const policy = testPolicy()

class Files {
  readonly machine: Machine
  constructor(profile: Profile) {
    this.machine = new Machine({ policy }, {}, profile)
  }

  #find(name: string): PseudoFile | undefined {
    const tree = this.machine.stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!
    return tree.files().find((one) => one.name === name)
  }

  #open(): PseudoIo {
    return { file: this.machine.build.aFile(), pos: 0, answer: null, state: null }
  }

  read(name: string): unknown {
    return this.#find(name)?.read!(this.#open())
  }

  write(name: string, text: string): unknown {
    return this.#find(name)!.write!(this.#open(), bytes(text))
  }

  ask(name: string, question: string): unknown {
    const [io, file] = [this.#open(), this.#find(name)!]
    const rc = file.write!(io, bytes(question))
    const answer = rc < 0 ? rc : file.read!(io)
    return answer instanceof Uint8Array ? new TextDecoder().decode(answer) : answer
  }
}

describe.each<[profile: Profile, version: string, capabilities: readonly unknown[], created: string]>([
  ['6.12', '33', [undefined, undefined], domain('a_t')],
  ['6.18', '35', ['0', undefined], object('d_t')],
  ['7.3', '35', ['0', '0'], object('d_t')],
])('%s', (profile, version, capabilities, created) => {
  const files = new Files(profile)

  test('version and capabilities', () => {
    expect(files.read('policyvers')).toBe(version)
    const names = ['netlink_xperm', 'memfd_class']
    expect(names.map((name) => files.read(`policy_capabilities/${name}`))).toEqual(capabilities)
  })

  test.each(['create', 'relabel', 'member'])('%s: DCCP is a socket in 6.12 alone', (question) => {
    const tclass = String(files.read('class/dccp_socket/index'))
    expect(files.ask(question, `${domain('a_t')} ${object('d_t')} ${tclass}`)).toBe(`${created}\0`)
  })

  test('the other sockets stay', () => {
    const tclass = String(files.read('class/tcp_socket/index'))
    expect(files.ask('create', `${domain('a_t')} ${object('d_t')} ${tclass}`)).toBe(`${domain('a_t')}\0`)
  })

  test('files that the kernel reads', () => {
    const { machine: m } = files
    const checked = (id: number) => m.checks('n_t', () => m.lsm.kernel_load_data.ask(id, false))
    const ids = [
      READING_FIRMWARE, READING_KEXEC_IMAGE, READING_KEXEC_INITRAMFS, READING_POLICY, READING_X509_CERTIFICATE,
    ]
    const perms = ['firmware', 'kexec_image', 'kexec_initramfs', 'policy', 'x509_certificate']
    const refused = (perm: string) => [`DENIED n_t n_t system { ${perm}_load }`, -EACCES]
    expect(checked(READING_MODULE)).toEqual(refused('module'))
    expect(ids.map(checked)).toEqual(profile === '6.12' ? ids.map(() => [0]) : perms.map(refused))
  })
})

describe.each<[profile: Profile, user: RegExp, checkreqprot: unknown, refused: readonly string[], said: RegExp[]]>([
  ['6.12', /^\d\d\0u:/, -EINVAL, ['setcheckreqprot', 'compute_user'], [/set checkreqprot to 1\. This is no/]],
  [
    '6.18', /^\d\d\0u:/, -EINVAL, ['setcheckreqprot', 'compute_user'],
    [/\) wrote to \/sys\/fs\/selinux\/user! This will not be supported/, /set checkreqprot to 1\. This is no/],
  ],
  [
    '7.3', /^0\0$/, 1, [],
    [/^SELinux: swapper \(0\) wrote to user\. This is no longer supported\.$/, /\) wrote to checkreqprot\. This is no/],
  ],
])('files that were retired, in %s', (profile, user, checkreqprot, refused, said) => {
  test('what they answer, and what the log says', () => {
    const files = new Files(profile)
    expect(files.ask('user', `${domain('a_t')} u`)).toMatch(user)
    expect([files.write('checkreqprot', '1'), files.write('checkreqprot', 'x')]).toEqual([1, checkreqprot])
    const { log } = files.machine
    expect(log).toHaveLength(said.length)
    for (const [at, line] of log.entries()) expect(line).toMatch(said[at]!)
  })

  test('who may', () => {
    const files = new Files(profile)
    const { machine: m } = files
    const asked = m.checks('n_t', () => {
      files.write('checkreqprot', '0')
      files.write('user', 'x')
    })
    expect(asked).toEqual(refused.map((perm) => `DENIED n_t unlabeled_t security { ${perm} }`))
  })
})

test('a policy that rejects unknown classes loads on the kernel whose classes it has', () => {
  const rejecting = writePolicy(Object.assign(readPolicy(policy), { rejectUnknown: true, allowUnknown: false }))
  expect(new Machine({ policy: rejecting }).log).toEqual([])
  expect(() => new Machine({ policy: rejecting }, {}, '6.18'))
    .toThrow(expect.objectContaining({ code: 'hooks-threw', cause: expect.objectContaining({ code: 'incompatible' }) }))
})

describe('the classes', () => {
  const differences = (profile: Profile) => releaseOf(profile).classes.flatMap(({ name, perms }, at) => {
    const old = kernelClasses[at]
    if (old === undefined) return name === '' ? [] : [`+ ${name} (${perms.length})`]
    if (name === '') return [`- ${old.name}`]
    const more = perms.slice(old.perms.length)
    return more.length === 0 ? [] : [`${name}: ${more.join(' ')}`]
  })
  const watch = (names: string) => names.split(' ').map((name) => `${name}: watch_mountns`)
  const netlink = (names: string) => names.split(' ').map((name) => `netlink_${name}_socket: nlmsg`)
  const since618 = [
    'system: firmware_load kexec_image_load kexec_initramfs_load policy_load x509_certificate_load',
    ...watch('file dir lnk_file chr_file blk_file sock_file fifo_file'), ...netlink('route tcpdiag xfrm audit'),
    '- dccp_socket', 'anon_inode: watch_mountns', 'io_uring: allowed',
  ]
  const at = since618.indexOf('anon_inode: watch_mountns')

  test.each<[Profile, readonly string[]]>([
    ['6.12', []],
    ['6.18', since618],
    ['7.3', [...since618.slice(0, at), 'bpf: map_create_as prog_load_as', ...since618.slice(at), '+ memfd_file (28)']],
  ])('%s beside 6.12', (profile, expected) => {
    expect(differences(profile)).toEqual(expected)
  })

  test('later permissions have names in records', () => {
    expect(permissionNames(SECCLASS.io_uring, 8)).toEqual(['allowed'])
  })

  test('a DCCP socket is a raw one to a kernel without DCCP', () => {
    expect([true, false].map((hasDccp) => socketClass(AF_INET, SOCK_DCCP, 0, { isExtended: true, hasDccp })))
      .toEqual([SECCLASS.dccp_socket, SECCLASS.rawip_socket])
  })
})
