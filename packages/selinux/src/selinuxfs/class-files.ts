/** The contents of the policy, by name: classes with their permissions, and policy capabilities. */
import type { PseudoFile } from '@lsmkit/core'
import { policycapNames } from '../policydb/constants.ts'
import type { Selinux } from '../state.ts'
import { readOnly } from './file.ts'

/** Policy capabilities that Linux 6.12 knows: up to userspace_initial_context. */
const policyCapabilities = policycapNames.slice(0, 9)

export const classFiles = ({ server }: Selinux): PseudoFile[] => [
  ...policyCapabilities.map((name) =>
    readOnly(`policy_capabilities/${name}`, () => String(Number(server.policyCap(name))))),
  ...server.policyClasses().flatMap(({ name, value, permissions }) => [
    readOnly(`class/${name}/index`, () => String(value)),
    ...permissions.map((perm) => readOnly(`class/${name}/perms/${perm.name}`, () => String(perm.value))),
  ]),
]
