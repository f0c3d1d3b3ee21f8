/** SELinux on a policy that is compiled from CIL in the tab, and the server that answers questions about it. */
import { selinux } from '@lsmkit/selinux'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import type { SelinuxLsm } from '@lsmkit/selinux'
import { CilError, compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { TeRules } from '@lsmkit/selinux/query'
import { FileContexts, FileContextsError, SecurityServer } from '@lsmkit/selinux/server'
import base from '../../../demo/policy/base.cil?raw'
import guest from '../../../demo/policy/guest.cil?raw'
import type { PolicyFault, PolicyText } from './protocol.ts'

/** Newest version that Linux 6.12 loads. */
const VERSION = 33

const compile = (texts: readonly PolicyText[]) => compileCil(texts, { version: VERSION })

export const policySources = (): readonly PolicyText[] => [
  { name: 'guest.cil', text: guest },
  { name: 'base.cil', text: base },
  { name: 'classes.cil', text: kernelClassesCil() },
]

/** Null where they compile together. */
export const checkSources = (texts: readonly PolicyText[]): PolicyFault | null => {
  try {
    void new FileContexts({ base: compile(texts).fileContexts })
    return null
  } catch (error) {
    if (error instanceof FileContextsError)
      return { file: '', message: error.summary, hint: error.hint, line: 1, column: 1, text: error.message }
    if (!(error instanceof CilError)) throw error
    const { summary, hint, place } = error
    const { file = '', line = 1, column = 1 } = place ?? {}
    return { file, message: summary, hint, line, column, text: error.toString() }
  }
}

export class SelinuxParts {
  readonly lsm: SelinuxLsm
  readonly labels: FileContexts
  #sources: readonly PolicyText[]
  #policy: Policydb
  #server: SecurityServer | null = null
  #rules: TeRules | null = null

  constructor() {
    this.#sources = policySources()
    const { policy, fileContexts } = compile(this.#sources)
    this.#policy = policy
    this.labels = new FileContexts({ base: fileContexts })
    this.lsm = selinux({ policy: writePolicy(policy), fileContexts: this.labels })
  }

  get sources(): readonly PolicyText[] {
    return this.#sources
  }

  get policy(): Policydb {
    return this.#policy
  }

  /** As `load_policy` hands it to the kernel. */
  binaryOf(texts: readonly PolicyText[]): Uint8Array {
    return writePolicy(compile(texts).policy)
  }

  /** The kernel has this policy now. */
  take(texts: readonly PolicyText[]): void {
    this.#sources = texts
    this.#policy = compile(texts).policy
    this.#server = null
    this.#rules = null
  }

  /** A server of its own: questions leave no trace in the machine's. */
  server(): SecurityServer {
    if (this.#server === null) {
      this.#server = new SecurityServer({ mode: 'libsepol' })
      this.#server.load(writePolicy(this.#policy))
    }
    return this.#server
  }

  rules(): TeRules {
    return (this.#rules ??= new TeRules(this.#policy))
  }
}
