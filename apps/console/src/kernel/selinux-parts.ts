/** SELinux on the policy of the tour, compiled from CIL in the tab; and what questions about it are asked of. */
import { selinux } from '@lsmkit/selinux'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import type { SelinuxLsm } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { TeRules } from '@lsmkit/selinux/query'
import { FileContexts, SecurityServer } from '@lsmkit/selinux/server'
import base from '../../../demo/policy/base.cil?raw'
import guest from '../../../demo/policy/guest.cil?raw'

/** Newest version that Linux 6.12 loads. */
const VERSION = 33

export interface SelinuxParts {
  readonly lsm: SelinuxLsm
  readonly policy: Policydb
  readonly sources: readonly { readonly name: string; readonly text: string }[]
  readonly labels: FileContexts
  /** A server of its own: questions leave no trace in the machine's. */
  server(): SecurityServer
  rules(): TeRules
}

export const policySources = (): { readonly name: string; readonly text: string }[] => [
  { name: 'classes.cil', text: kernelClassesCil() },
  { name: 'base.cil', text: base },
  { name: 'guest.cil', text: guest },
]

export const selinuxParts = (): SelinuxParts => {
  const sources = policySources()
  const { policy, fileContexts } = compileCil(sources, { version: VERSION })
  const binary = writePolicy(policy)
  const labels = new FileContexts({ base: fileContexts })
  let server: SecurityServer | null = null
  let rules: TeRules | null = null
  return {
    lsm: selinux({ policy: binary, fileContexts: labels }),
    policy,
    sources,
    labels,
    server: () => {
      if (server === null) {
        server = new SecurityServer({ mode: 'libsepol' })
        server.load(binary)
      }
      return server
    },
    rules: () => (rules ??= new TeRules(policy)),
  }
}
