/**
 * Two tenants in one process: each has a kernel of its own, a stack of its own, and a policy that the other does not
 * know. They share no files, no tasks, and no state of a module.
 */
import { AT_FDCWD, O_CREAT, O_RDONLY, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { AuditRecord, Lsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

export class Tenant {
  /** The refusals in this tenant, and in no other. */
  readonly denials: AuditRecord[] = []
  readonly #kernel

  /** `policy`: the modules of this tenant; each must be a fresh instance. */
  constructor(name: string, policy: readonly Lsm[]) {
    const stack = createStack({
      lsms: [capability(), ...policy],
      onAudit: (record) => void (record.kind === 'denial' && this.denials.push(record)),
    })
    this.#kernel = bootKernel({ stack, hostname: name })
  }

  /** 0 or -errno. */
  write(path: string, text: string): number {
    const { sys, init } = this.#kernel
    const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o600)
    if (fd < 0) return fd
    const rc = sys.write(init, fd, new TextEncoder().encode(text))
    sys.close(init, fd)
    return Math.min(rc, 0)
  }

  /** The text, or -errno. */
  read(path: string): string | number {
    const { sys, init } = this.#kernel
    const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
    if (fd < 0) return fd
    const buffer = new Uint8Array(4096)
    const length = sys.read(init, fd, buffer)
    sys.close(init, fd)
    return length < 0 ? length : new TextDecoder().decode(buffer.subarray(0, length))
  }
}
