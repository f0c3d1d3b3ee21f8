/** The contents of the policy, by name: classes with their permissions, and policy capabilities. */
import type { PseudoFile } from '@lsmkit/core'
import type { Selinux } from '../state.ts'
import { readOnly } from './file.ts'

export const classFiles = ({ server, release }: Selinux): PseudoFile[] => [
  ...release.policyCapabilities.map((name) =>
    readOnly(`policy_capabilities/${name}`, () => String(Number(server.policyCap(name))))),
  ...server.policyClasses().flatMap(({ name, value, permissions }) => [
    readOnly(`class/${name}/index`, () => String(value)),
    ...permissions.map((perm) => readOnly(`class/${name}/perms/${perm.name}`, () => String(perm.value))),
  ]),
]
