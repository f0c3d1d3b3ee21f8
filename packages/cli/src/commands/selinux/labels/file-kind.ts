/** Kinds of files as people write them: in words, as file_contexts and `find` do, and as matchpathcon takes them. */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { CommandError } from '../../../command-error.ts'

/** All names of a kind, with its bits of a mode. */
const kinds: readonly (readonly [mode: number, names: readonly string[]])[] = [
  [0, ['any', 'a', 'all']],
  [S_IFREG, ['file', '--', 'f']],
  [S_IFDIR, ['dir', '-d', 'd']],
  [S_IFCHR, ['char', '-c', 'c', 'chr_file']],
  [S_IFBLK, ['block', '-b', 'b', 'blk_file']],
  [S_IFSOCK, ['socket', '-s', 's', 'sock_file']],
  [S_IFIFO, ['pipe', '-p', 'p', 'fifo_file']],
  [S_IFLNK, ['symlink', '-l', 'l', 'lnk_file']],
]

const modes = new Map(kinds.flatMap(([mode, names]) => names.map((name) => [name, mode] as const)))

export const KIND_TEXT = kinds.map(([, [name]]) => name).join(', ')

/** File type bits of a mode, 0 for any. Throws a usage error. */
export const modeOfKind = (name: string): number => {
  const mode = modes.get(name)
  if (mode !== undefined) return mode
  throw new CommandError('usage', `\`${name}\` is not a type of file`,
    didYouMean(name, modes.keys()) ?? `known: ${KIND_TEXT}; or -- -d -c -b -s -p -l`)
}
