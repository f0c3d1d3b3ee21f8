/** Trees of files as LSMs declare them: smackfs, selinuxfs, entries of securityfs and sysctl. */
import { EINVAL } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs, PseudoIo } from '@lsmkit/core'
import type { PseudoDir, PseudoNode, PseudoText, TextIo } from './nodes.ts'

/** The LSM's own view of an open file. */
const ioOf = (io: TextIo, pos: number): PseudoIo => {
  io.state ??= { file: io.file, pos: 0, room: 0, answer: null, state: null } satisfies PseudoIo
  const own = io.state as PseudoIo
  own.pos = pos
  own.room = io.room
  return own
}

/**
 * A file whose write leaves an answer is read from that answer (simple_transaction files). Writes leave the position
 * where it was, as those of smackfs and selinuxfs do: each is taken as a whole, and the answer is read from its start.
 */
export const declaredText = (file: PseudoFile): PseudoText => ({
  kind: 'text',
  mode: file.mode,
  fresh: file.fresh ?? false,
  open: (io) => file.open?.(ioOf(io, 0)) ?? 0,
  ...(file.read === undefined && file.write === undefined ? {} : {
    text: (io: TextIo) => {
      const own = ioOf(io, 0)
      return own.answer ?? (file.read === undefined ? -EINVAL : file.read(own))
    },
  }),
  ...(file.write === undefined ? {} : { write: (io, data, pos) => file.write!(ioOf(io, pos), data) }),
  seekable: file.seekable ?? true,
  writeKeepsPos: true,
  ...(file.ioctl === undefined ? {} : { ioctl: (io, cmd, arg) => file.ioctl!(ioOf(io, 0), cmd, arg) }),
  mappable: file.mappable ?? false,
  release: (io) => file.release?.(ioOf(io, 0)),
})

/** The nodes of a declared tree. Asked of the LSM at each look-up, so that it may grow. */
export const declaredDir = (files: () => readonly PseudoFile[], prefix = ''): PseudoDir => {
  const below = (): readonly PseudoFile[] => files().filter(({ name }) => name.startsWith(prefix))
  const firstPart = (name: string): string => name.slice(prefix.length).split('/', 1)[0]!
  return {
    kind: 'dir',
    mode: 0o755,
    find(name): PseudoNode | null {
      const file = below().find((each) => each.name === prefix + name)
      if (file !== undefined) return declaredText(file)
      return below().some((each) => firstPart(each.name) === name) ? declaredDir(files, `${prefix}${name}/`) : null
    },
    // a name that ends in a slash stands for a directory with nothing in it
    names: () => new Set(below().map(({ name }) => firstPart(name)).filter((name) => name !== '')),
  }
}

/** Trees of one type, merged: several LSMs may declare entries of securityfs. */
export const mergedFiles = (all: readonly PseudoFs[], type: string) => (): readonly PseudoFile[] =>
  all.filter((fs) => fs.type === type).flatMap((fs) => [...fs.files()])
