/** The stacks under which system calls are made: how each is booted, and how a task is confined by it. */
import { AT_FDCWD, O_WRONLY, ownValue } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { File, Lsm, Stack, Task } from '@lsmkit/core'
import type { BootOptions, Kernel } from '@lsmkit/kernel'
import { landlock, ruleset } from '@lsmkit/landlock'
import { selinux } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { smack } from '@lsmkit/smack'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { yama } from '@lsmkit/yama'

export interface Confinement {
  readonly stack: Stack
  readonly options: Partial<BootOptions>
  /** Labels the file that nobody confined may read, whatever its mode. */
  protect(kernel: Kernel, path: string): void
  /** The task, which is still root, becomes one that is confined. */
  confine(kernel: Kernel, task: Task): void
  /** The label that the task must keep; null if there are none. */
  readonly label: string | null
  /** The binary policy, where there is one. */
  readonly policy?: Uint8Array
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${rc}`)
  return rc
}

const become = ({ sys }: Kernel, task: Task, label: string): void => {
  const fd = must(sys.openat(task, AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0), 'attr/current')
  must(sys.write(task, fd, bytes(label)), label)
  sys.close(task, fd)
}

const labelled = ({ sys, init }: Kernel, path: string, name: string, label: string): void =>
  void must(sys.setxattr(init, path, name, bytes(label), 0), `${name} of ${path}`)

const plain = (lsms: readonly Lsm[]): Confinement => ({
  stack: createStack({ lsms }),
  options: {},
  protect: ({ sys, init }, path) => void must(sys.chmod(init, path, 0o600), path),
  confine() {},
  label: null,
})

const smackStack = (): Confinement => ({
  ...plain([capability(), yama(), smack()]),
  protect(kernel, path) {
    labelled(kernel, path, 'security.SMACK64', 'Canary')
    labelled(kernel, '/tmp', 'security.SMACK64', '*')
  },
  confine: (kernel, task) => become(kernel, task, 'Confined'),
  label: 'Confined',
})

const context = (type: string): string => `u:${type.endsWith('domain_t') ? 'r' : 'object_r'}:${type}:s0`
const sidType: Readonly<Record<string, string>> = { kernel: 'all_domain_t', init: 'all_domain_t' }
const sids = ['kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init', 'any_socket', 'port', 'netif',
  'netmsg', 'node', 'igmp_packet', 'icmp_socket', 'tcp_socket', 'sysctl_modprobe', 'sysctl', 'sysctl_fs',
  'sysctl_kernel', 'sysctl_net', 'sysctl_net_unix', 'sysctl_vm', 'sysctl_dev', 'kmod', 'policy', 'scmp_packet',
  'devnull']
const cilContext = (type: string): string => `(u ${type.endsWith('domain_t') ? 'r' : 'object_r'} ${type} ((s0) (s0)))`

/** One domain may do anything; the confined one may do anything to what is its own or has no label of its own. */
const policyText = `
(handleunknown deny) (mls true) (policycap open_perms) (policycap extended_socket_class)
(user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(type all_domain_t) (type confined_domain_t) (type file_t) (type canary_t)
(typeattribute any) (typeattributeset any (all_domain_t confined_domain_t file_t canary_t))
(roletype r any) (roletype object_r any)
${sids.map((sid) => `(sid ${sid}) (sidcontext ${sid} ${cilContext(ownValue(sidType, sid) ?? 'file_t')})`).join('\n')}
(sidorder (${sids.join(' ')}))
(allow all_domain_t any (kernel_class (every)))
(allow confined_domain_t confined_domain_t (kernel_class (every)))
(allow confined_domain_t file_t (kernel_class (every)))
(allow any any (filesystem (associate)))
(fsuse trans tmpfs ${cilContext('file_t')}) (fsuse task sockfs ${cilContext('file_t')})
(fsuse task pipefs ${cilContext('file_t')}) (genfscon proc "/" ${cilContext('file_t')})
`
let policy: Uint8Array | null = null

const selinuxStack = (): Confinement => {
  policy ??= writePolicy(compileCil([
    { name: 'classes.cil', text: kernelClassesCil() }, { name: 'fuzz.cil', text: policyText },
  ], { version: 33 }).policy)
  return {
    ...plain([capability(), selinux({ policy })]),
    protect: (kernel, path) => labelled(kernel, path, 'security.selinux', context('canary_t')),
    confine: (kernel, task) => become(kernel, task, context('confined_domain_t')),
    label: context('confined_domain_t'),
    policy,
  }
}

/** A program on file_open is all that stands before the file. */
const programStack = (): Confinement => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  return {
    ...plain([capability()]),
    stack,
    options: { bpf: () => programs.engine(stack) },
    protect({ machine, init }, path) {
      stack.attach('file_open', (file: File) =>
        file.f_path.dentry.d_name.name === path.slice(path.lastIndexOf('/') + 1) && machine.current.task !== init
          ? -1 : 0)
    },
  }
}

/** The file lies where the task has left itself nothing. */
const landlockStack = (): Confinement => {
  const module = landlock()
  const left = ruleset({
    read: ['/tmp', '/proc', '/sys', '/dev'], write: ['/tmp', '/proc', '/dev'], execute: ['/prog'],
    paths: { '/dev': ['ioctl_dev'] },
  })
  return {
    ...plain([capability(), module]),
    options: { landlock: module.engine },
    confine: (kernel, task) => void left.restrict(kernel, task),
  }
}

export const confinements: Readonly<Record<string, () => Confinement>> = {
  capability: () => plain([capability()]),
  yama: () => plain([capability(), yama()]),
  small: () => plain([
    capability(), lockdown({ level: 'integrity' }), loadpin({ enforce: true }), safesetid({ uidPolicy: '1000:1000\n' }),
  ]),
  smack: smackStack,
  selinux: selinuxStack,
  landlock: landlockStack,
  programs: programStack,
}
