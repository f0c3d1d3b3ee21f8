/** `revision`: a number that changes with policy; a reader that has seen it waits for the next (`ns_revision_read`). */
import { EAGAIN } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import type { Namespace } from '../domain/objects.ts'

export const revisionFile = (namespace: Namespace, name: string): PseudoFile => ({
  name,
  mode: 0o444,
  fresh: true,
  open(io) {
    io.state = 0
    return 0
  },
  /** A reader that waits cannot be kept waiting here: it has to come again, as one that must not block. */
  read(io) {
    const isNew = io.state !== namespace.revision
    if (!isNew && io.pos === 0) return -EAGAIN
    io.state = namespace.revision
    return `${namespace.revision}\n`
  },
})
