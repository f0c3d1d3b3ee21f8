/** `revision`: a number that changes with policy; a reader that has seen it waits for the next (`ns_revision_read`). */
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import type { Namespace } from '../domain/objects.ts'

/** `struct aa_revision`. */
interface Seen {
  readonly namespace: Namespace
  last: number
}

const textOf = ({ revision }: Namespace): string => `${revision}\n`

/** `namespaceOf` is asked when the file is opened. */
export const revisionFile = (name: string, namespaceOf: () => Namespace): PseudoFile => ({
  name,
  mode: 0o444,
  fresh: true,
  open(io) {
    io.state = { namespace: namespaceOf(), last: 0 } satisfies Seen
    return 0
  },
  read(io) {
    const seen = io.state as Seen
    const text = textOf(seen.namespace)
    // a reader has seen the number when it has read to its end
    if (io.pos + (io.room ?? Infinity) > text.length) seen.last = seen.namespace.revision
    return text
  },
  news: {
    isReady: (io) => isNew(io),
    watch(io, wake) {
      const { watchers } = (io.state as Seen).namespace
      watchers.add(wake)
      return () => watchers.delete(wake)
    },
  },
})

const isNew = ({ state }: PseudoIo): boolean => {
  const { namespace, last } = state as Seen
  return namespace.revision !== last
}
