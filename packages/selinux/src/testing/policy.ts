/** A small policy for tests: domains that may do anything and are heard, one that may do nothing, and some labels. */
import type { Profile } from '@lsmkit/core'
import { compileCil } from '../cil/index.ts'
import { kernelClassesCil } from '../kernel-classes-cil.ts'
import { writePolicy } from '../policydb/index.ts'

const context = (type: string, role = 'object_r', level = 's0'): string => `(u ${role} ${type} ((${level}) (${level})))`

const domains = ['kernel_t', 'a_t', 'b_t', 'x_t', 'n_t']
const objects = ['o_t', 'd_t', 'fs_t', 'proc_t', 'port_t', 'http_t', 'netif_t', 'lo_t', 'node_t', 'near_t', 'pkey_t',
  'end_t', 'unlabeled_t', 'anon_t']
const sids = [
  'kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init', 'any_socket', 'port', 'netif', 'netmsg',
  'node', 'igmp_packet', 'icmp_socket', 'tcp_socket', 'sysctl_modprobe', 'sysctl', 'sysctl_fs', 'sysctl_kernel',
  'sysctl_net', 'sysctl_net_unix', 'sysctl_vm', 'sysctl_dev', 'kmod', 'policy', 'scmp_packet', 'devnull',
]
const sidTypes: Readonly<Record<string, string>> =
  { kernel: 'kernel_t', init: 'kernel_t', port: 'port_t', netif: 'netif_t', node: 'node_t', fs: 'fs_t' }
const sidContext = (sid: string): string => {
  const type = sidTypes[sid] ?? 'unlabeled_t'
  return `(sid ${sid}) (sidcontext ${sid} ${context(type, type === 'kernel_t' ? 'r' : 'object_r')})`
}

/**
 * `a_t` and whatever is no domain may do anything, and is audited; `n_t` may do nothing; `x_t` has commands of its own.
 */
const text = `
(handleunknown deny) (mls true)
(policycap open_perms) (policycap network_peer_controls) (policycap extended_socket_class)
(policycap nnp_nosuid_transition)
(user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (category c1) (categoryorder (c0 c1))
(sensitivitycategory s0 (c0 c1))
(userlevel u (s0)) (userrange u ((s0) (s0 (c0 c1))))
${[...domains, ...objects].map((type) => `(type ${type})`).join(' ')}
(typeattribute any) (typeattributeset any (${[...domains, ...objects].join(' ')}))
(typeattribute heard) (typeattributeset heard (a_t b_t ${objects.join(' ')}))
(roletype r any) (roletype object_r any)
${sids.map(sidContext).join('\n')}
(sidorder (${sids.join(' ')}))
(allow kernel_t any (kernel_class (every)))
(allow heard any (kernel_class (every)))
(auditallow heard any (kernel_class (every)))
(allow x_t any (file (ioctl))) (allow x_t any (fd (use)))
(allowx x_t o_t (ioctl file (range 0x5400 0x5403)))
(typetransition a_t o_t process b_t)
(typetransition a_t d_t file o_t) (typetransition a_t d_t file "special" anon_t)
(typetransition a_t a_t anon_inode "[io_uring]" anon_t)
(fsuse trans tmpfs ${context('fs_t')}) (fsuse xattr ext4 ${context('fs_t')}) (fsuse task sockfs ${context('fs_t')})
(genfscon proc "/" ${context('proc_t')})
(portcon tcp 80 ${context('http_t')})
(netifcon lo ${context('lo_t')} ${context('lo_t')})
(nodecon (192.0.2.1) (255.255.255.255) ${context('near_t')})
(ibpkeycon fe80:: 5 ${context('pkey_t')})
(ibendportcon mlx5_0 1 ${context('end_t')})
`

/** The binary policy, compiled once; `more` is further CIL, and its classes are those of `profile`. */
export const testPolicy = (more = '', profile: Profile = '6.12'): Uint8Array => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil(profile) }, { name: 'test.cil', text: text + more }]
  return writePolicy(compileCil(files, { version: 33 }).policy)
}
