import { describe, expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { FileContexts } from '../server/index.ts'
import { ContainerError, containerPolicy, containerScenario, readInspect, standInPolicy } from './index.ts'

const docker = {
  Name: '/web', Config: { Env: [] }, HostConfig: {
    CapAdd: ['CAP_SYSLOG', 'SYS_TIME'], CapDrop: ['mknod'],
    Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'r' }],
  },
  Mounts: [
    { Type: 'bind', Source: '/srv/web', Destination: '/data', RW: true },
    { Type: 'bind', Source: '/etc/web', Destination: '/etc/web', RW: false }, { Type: 'tmpfs', Source: '',
      Destination: '/t' },
  ],
  NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '90/udp': null } },
}
const podman = {
  Name: 'db', Config: { Env: ['container=podman'] }, EffectiveCaps: ['CAP_CHOWN'], HostConfig: { Privileged: true },
  Mounts: [{ Source: '/var/db', Destination: '/db', Options: ['ro'] }],
  NetworkSettings: { Ports: [{ hostPort: 15432, containerPort: 5432, protocol: 'tcp' }] },
}
const cri = {
  status: { metadata: { name: 'job' }, mounts: [{ hostPath: '/logs', containerPath: '/l', readonly: true }] },
  info: { runtimeSpec: {
    process: { capabilities: { bounding: ['CAP_KILL'] } }, linux: { devices: [{ path: '/dev/kvm' }] },
  } },
}

describe('what engines say of a container', () => {
  test('Docker: the default capabilities, less those dropped and with those added', () => {
    const [facts] = readInspect([docker])
    expect(facts).toMatchObject({
      engine: 'docker', name: 'web', isPrivileged: false,
      ports: [{ port: 80, protocol: 'tcp' }, { port: 90, protocol: 'udp' }],
      mounts: [{ source: '/srv/web', isWritable: true }, { source: '/etc/web', isWritable: false }],
      devices: [{ path: '/dev/fuse', isReadable: true, isWritable: false }],
    })
    expect(facts!.capabilities).toContain('sys_time')
    expect(facts!.capabilities).toContain('chown')
    expect(facts!.capabilities).not.toContain('mknod')
  })

  test('Podman prints null where no capability is in force: none of Docker\'s defaults holds', () => {
    const [facts] = readInspect({ Name: 'db', EffectiveCaps: null, Config: { Env: null }, HostConfig: { CapDrop: [] } })
    expect(facts).toMatchObject({ engine: 'podman', capabilities: [] })
  })

  test('Podman, CRI-O, and several in one list', () => {
    expect(readInspect([podman, cri])).toMatchObject([
      { engine: 'podman', isPrivileged: true, capabilities: ['chown'], ports: [{ port: 5432 }],
        mounts: [{ isWritable: false }] },
      { engine: 'cri-o', name: 'job', capabilities: ['kill'], ports: [], devices: [{ path: '/dev/kvm' }] },
    ])
  })

  test.each([
    [[], 'not-inspect'], [{}, 'not-inspect'], [[7], 'not-inspect'], [null, 'not-inspect'],
    [{ Config: {}, Name: 7 }, 'bad-field'], [{ Config: {}, Name: 'a', Mounts: 7 }, 'bad-field'],
    [{ Config: {}, Name: 'a', Mounts: [7] }, 'bad-field'],
    [{ Config: {}, Name: 'a', NetworkSettings: { Ports: { '80/ip': [{ HostPort: '1' }] } } }, 'bad-field'],
    [{ Config: {}, Name: 'a', NetworkSettings: { Ports: { '80/tcp': [{ HostPort: '99999' }] } } }, 'bad-field'],
    [{ Config: {}, Name: 'a', HostConfig: { CapAdd: ['x) (allow a b'] } }, 'bad-field'],
    [{ Config: {}, Name: 'a', Mounts: Array.from({ length: 20_000 }, () => ({})) }, 'too-many'],
  ])('%j is refused', (document, code) => {
    expect(() => readInspect(document)).toThrow(expect.objectContaining({ code }))
  })
})

describe('the policy of a container', () => {
  test.each([docker, podman, cri])('compiles beside a policy, and gives what it should: $Name', (document) => {
    const [facts] = readInspect(document)
    const made = containerPolicy(facts!)
    const { policy } = compileCil(
      [{ name: 'a.cil', text: standInPolicy(made) }, { name: 'b.cil', text: made.cil }], { version: 33 })
    expect(policy.types.items.map(({ name }) => name)).toContain(made.domain)
    expect(containerScenario(facts!, made, 'trial')).toContain(made.domain)
  })

  test('types and ports of a policy stand for those of its own', () => {
    const [facts] = readInspect(docker)
    const made = containerPolicy(facts!, {
      name: 'shop', typesBelow: (path) => [path === '/etc/web' ? 'etc_t' : 'srv_t'], typeOf: () => 'fuse_t',
      portType: () => 'web_port_t',
    })
    expect(made.domain).toBe('shop.process')
    expect(made.cil).toContain('(allow process web_port_t (tcp_socket (name_bind)))')
    expect(made.cil).not.toContain('filecon')
    expect(made.checks).toContainEqual(
      { target: 'etc_t', tclass: 'file', permission: 'write', isAllowed: false, about: '/etc/web' })
  })

  test('names from outside are names, or an error', () => {
    const named = (Name: string) => containerPolicy(readInspect({ ...docker, Name })[0]!)
    expect(named('/my-web.1').name).toBe('my_web_1')
    expect(named('/1').name).toBe('container_1')
    expect(() => containerPolicy(readInspect(docker)[0]!, { name: 'a b' })).toThrow(ContainerError)
    const mounted = (Source: string) =>
      containerPolicy(readInspect({ ...docker, Mounts: [{ Source, Destination: '/d', RW: true }] })[0]!)
    for (const path of ['/srv/"x', '/a b', 'a', '/é', '/a\n']) expect(() => mounted(path)).toThrow(ContainerError)
    const made = mounted('/srv/x(y).z')
    const { fileContexts } = compileCil(
      [{ name: 'a.cil', text: standInPolicy(made) }, { name: 'b.cil', text: made.cil }], { version: 33 })
    expect(new FileContexts({ base: fileContexts }).lookup('/srv/x(y).z/f')).toContain('web.mount_0')
    expect(() => containerPolicy(readInspect(docker)[0]!, { typesBelow: () => ['a) (allow b'] }))
      .toThrow(ContainerError)
  })
})
