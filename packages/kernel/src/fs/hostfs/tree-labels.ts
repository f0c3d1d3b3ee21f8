/** Labels of modules in the host's extended attributes, for who works on a folder from outside of a kernel. */
import { EINVAL, ENODATA, EOPNOTSUPP } from '@lsmkit/abi'
import type { AttributeCalls } from './host-calls.ts'
import { CAPABILITY, prefixes } from './host-labels.ts'
import type { LabelSpace } from './host-node.ts'
import { nativeCalls } from './native.ts'

/** Labels by what stands behind `security.` in their names. Capabilities of files are not labels: -EINVAL. */
export class TreeLabels {
  readonly #calls: AttributeCalls
  readonly #space: LabelSpace

  /** Throws HostfsError where native calls cannot be had. */
  constructor(space: LabelSpace) {
    this.#space = space
    this.#calls = nativeCalls().attributes
  }

  /** Whether the host keeps labels of such a file: it has no `user.` attributes for links. */
  keeps(kind: 'dir' | 'file' | 'link'): boolean {
    return this.#space === 'security' || kind !== 'link'
  }

  /** Null where the file has no such label, -errno where it cannot be read. */
  get(fd: number, name: string): Uint8Array | null | number {
    if (name === CAPABILITY) return -EINVAL
    const value = this.#calls.get(fd, prefixes[this.#space] + name)
    return value === -ENODATA || value === -EOPNOTSUPP ? null : value
  }

  /** Sets a label, or removes it (null): 0 or -errno. */
  set(fd: number, name: string, value: Uint8Array | null): number {
    if (name === CAPABILITY) return -EINVAL
    const full = prefixes[this.#space] + name
    if (value !== null) return this.#calls.set(fd, full, value, 0)
    const rc = this.#calls.remove(fd, full)
    return rc === -ENODATA ? 0 : rc
  }
}
