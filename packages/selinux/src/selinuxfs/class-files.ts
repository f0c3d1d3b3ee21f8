/** What the policy knows, by name: classes with their permissions, and policy capabilities. */
import type { PseudoFile } from '@lsmkit/core'
import type { Selinux } from '../state.ts'
import { readOnly } from './file.ts'

/** Policy capabilities that Linux 6.12 knows. */
const policyCapabilities = [
  'network_peer_controls', 'open_perms', 'extended_socket_class', 'always_check_network', 'cgroup_seclabel',
  'nnp_nosuid_transition', 'genfs_seclabel_symlinks', 'ioctl_skip_cloexec', 'userspace_initial_context',
]

export const classFiles = ({ server }: Selinux): PseudoFile[] => [
  ...policyCapabilities.map((name) =>
    readOnly(`policy_capabilities/${name}`, () => String(Number(server.policyCap(name))))),
  ...server.policyClasses().flatMap(({ name, value, permissions }) => [
    readOnly(`class/${name}/index`, () => String(value)),
    ...permissions.map((perm) => readOnly(`class/${name}/perms/${perm.name}`, () => String(perm.value))),
  ]),
]
