/** Trees of files as LSMs declare them: smackfs, selinuxfs, entries of securityfs and sysctl. */
import { EINVAL, ENOENT } from '@lsmkit/abi'
import type {
  PseudoEntry, PseudoFile, PseudoFolder, PseudoFs, PseudoIo, PseudoLink as DeclaredLink, PseudoNews,
} from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { WatchingQueue } from '../../state/vfs/wait.ts'
import type { WaitQueue } from '../../state/vfs/wait.ts'
import { MKDEV } from '../../vfs/devnum.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import type { PseudoDir, PseudoLink, PseudoNode, PseudoText, TextIo } from './nodes.ts'

/** The LSM's own view of an open file. */
const ioOf = (io: TextIo, pos: number): PseudoIo => {
  io.state ??= { file: io.file, pos: 0, room: 0, answer: null, state: null } satisfies PseudoIo
  const own = io.state as PseudoIo
  own.pos = pos
  own.room = io.room
  return own
}

/** Readers that sleep until a declared file has news. It asks the LSM only while somebody waits. */
const queueOf = (news: PseudoNews, io: TextIo): WaitQueue => new WatchingQueue((wake) => news.watch(ioOf(io, 0), wake))

/** 0 where there is news; else the call sleeps, or not for O_NONBLOCK. */
const waitForNews = (machine: Machine, news: PseudoNews, io: TextIo): number => {
  if (news.isReady(ioOf(io, io.pos))) return 0
  return machine.sleepUnlessNonblock(io.file, queueOf(news, io))
}

const textOf = (machine: Machine, file: PseudoFile, io: TextIo): string | Uint8Array | number => {
  const rc = file.news === undefined ? 0 : waitForNews(machine, file.news, io)
  if (rc !== 0) return rc
  const own = ioOf(io, file.fresh === true ? io.pos : 0)
  return own.answer ?? (file.read === undefined ? -EINVAL : file.read(own))
}

/**
 * A file whose write leaves an answer is read from that answer (simple_transaction files). Writes leave the position
 * where it was, as those of smackfs and selinuxfs do: each is taken as a whole, and the answer is read from its start.
 */
export const declaredText = (machine: Machine, file: PseudoFile): PseudoText => ({
  kind: 'text',
  mode: file.mode,
  fresh: file.fresh ?? false,
  open: (io) => file.open?.(ioOf(io, 0)) ?? 0,
  ...(file.read === undefined && file.write === undefined ? {} : { text: (io: TextIo) => textOf(machine, file, io) }),
  ...(file.write === undefined ? {} : { write: (io, data, pos) => file.write!(ioOf(io, pos), data) }),
  seekable: file.seekable ?? true,
  writeKeepsPos: true,
  ...(file.ioctl === undefined ? {} : { ioctl: (io, cmd, arg) => file.ioctl!(ioOf(io, 0), cmd, arg) }),
  mappable: file.mappable ?? false,
  release: (io) => file.release?.(ioOf(io, 0)),
  ...(file.news === undefined ? {} : {
    news: { isReady: (io: TextIo) => file.news!.isReady(ioOf(io, 0)), queue: (io: TextIo) => queueOf(file.news!, io) },
  }),
  ...(file.size === undefined ? {} : {
    made(inode) {
      inode.i_size = file.size!
      return 0
    },
  }),
})

const linkNode = (machine: Machine, link: DeclaredLink): PseudoLink => {
  let ino = 0
  return {
    kind: 'link',
    mode: link.mode,
    made(inode) {
      ino = inode.i_ino
      return 0
    },
    target() {
      const to = link.target()
      return typeof to === 'object' ? (machine.pseudoPath(to) ?? -ENOENT) : to
    },
    ...(link.text === undefined ? {} : { text: () => link.text!(ino) }),
  }
}

/** A directory has as many links as there are names of it: its own two, and that of each directory in it. */
const linksOf = (folder: PseudoFolder): number => {
  let count = 2
  for (const name of folder.names()) if (folder.find(name)?.kind === 'folder') count++
  return count
}

const folderNode = (machine: Machine, folder: PseudoFolder): PseudoDir => ({
  kind: 'dir',
  mode: folder.mode,
  getattr({ mnt, dentry }, stat) {
    generic_fillattr(mnt.mnt_idmap, dentry.d_inode!, stat)
    stat.nlink = linksOf(folder)
    return 0
  },
  find(name) {
    const entry = folder.find(name)
    if (entry === null) return null
    // a name in use is looked up again when another entry has taken it
    return { ...entryNode(machine, entry), revalidate: () => (folder.find(name) === entry ? 1 : 0) }
  },
  names: () => folder.names(),
  ...(folder.mkdir === undefined ? {} : { mkdir: (name: string, mode: number) => folder.mkdir!(name, mode) }),
  ...(folder.rmdir === undefined ? {} : { rmdir: (name: string) => folder.rmdir!(name) }),
})

const entryNode = (machine: Machine, entry: PseudoEntry): PseudoNode => {
  switch (entry.kind) {
    case 'link':
      return linkNode(machine, entry)
    case 'chr':
      return { kind: 'chr', mode: entry.mode, rdev: MKDEV(entry.major, entry.minor) }
    case 'folder':
      return folderNode(machine, entry)
    default:
      return declaredText(machine, entry)
  }
}

/** The nodes of a declared tree. Asked of the LSM at each look-up, so that it may grow. */
export const declaredDir = (machine: Machine, entries: () => readonly PseudoEntry[], prefix = ''): PseudoDir => {
  const below = (): readonly PseudoEntry[] => entries().filter(({ name }) => name.startsWith(prefix))
  const firstPart = (name: string): string => name.slice(prefix.length).split('/', 1)[0]!
  return {
    kind: 'dir',
    mode: 0o755,
    find(name): PseudoNode | null {
      const entry = below().find((each) => each.name === prefix + name)
      if (entry !== undefined) return entryNode(machine, entry)
      const isDir = below().some((each) => firstPart(each.name) === name)
      return isDir ? declaredDir(machine, entries, `${prefix}${name}/`) : null
    },
    // a name that ends in a slash stands for a directory with nothing in it
    names: () => new Set(below().map(({ name }) => firstPart(name)).filter((name) => name !== '')),
  }
}

/** Trees of one type, merged: several LSMs may declare entries of securityfs. */
export const mergedEntries = (all: readonly PseudoFs[], type: string) => (): readonly PseudoEntry[] =>
  all.filter((fs) => fs.type === type).flatMap((fs) => [...fs.files(), ...(fs.entries?.() ?? [])])
