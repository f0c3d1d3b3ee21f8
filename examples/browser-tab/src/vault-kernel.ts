/** A kernel with a stack, as any Node program would make it: nothing here knows that it runs in a browser. */
import { AT_FDCWD, EACCES, errnoName, O_CREAT, O_RDONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, kernelText } from '@lsmkit/core'
import type { AuditRecord, Link } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

export interface Outcome {
  readonly call: string
  readonly denied: boolean
  /** `ok`, or the errno and what the audit log says. */
  readonly text: string
}

export class VaultKernel {
  readonly #stack
  readonly #kernel
  #vault: Link | null = null

  constructor() {
    this.#stack = createStack({ lsms: [capability()] })
    this.#kernel = bootKernel({ stack: this.#stack, hostname: 'tab' })
    this.setVault(true)
  }

  /** Puts the rule on its hook, or takes it off. */
  setVault(on: boolean): void {
    this.#vault?.detach()
    this.#vault = on
      ? this.#stack.attach('file_open', (file) => (file.f_path.dentry.d_name.name.endsWith('.key') ? -EACCES : 0))
      : null
  }

  open(path: string): Outcome {
    const { sys, init } = this.#kernel
    const seen = this.#stack.audit.records.length
    const answer = sys.openat(init, AT_FDCWD, path, O_CREAT | O_RDONLY, 0o600)
    if (answer >= 0) sys.close(init, answer)
    const record: AuditRecord | undefined = this.#stack.audit.records[seen]
    const text = answer >= 0 ? 'ok' : `${errnoName(answer)}: ${record ? kernelText(record) : ''}`
    return { call: `open("${path}")`, denied: answer < 0, text }
  }
}
