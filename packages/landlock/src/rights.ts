/** The rights of Landlock: their bits, their names in audit records, and since which ABI a kernel knows them. */
import {
  LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_IOCTL_DEV, LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_ACCESS_FS_RESOLVE_UNIX, LANDLOCK_ACCESS_FS_TRUNCATE, LANDLOCK_ACCESS_FS_WRITE_FILE,
} from '@lsmkit/abi'

/** Versions of the interface: 6 is Linux 6.12, 7 is 6.15, 8 is 7.0, 9 is 7.1, 11 is 7.3. */
export type LandlockAbi = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11
export const abis: readonly LandlockAbi[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

/** The newest version of the interface here, up to that of a kernel. */
export const newestWithin = (abi: number): LandlockAbi => abis.findLast((one) => one <= abi) ?? 1

export type RightKind = 'fs' | 'net' | 'scope'

/** Names by bit, each with the first ABI that has it. */
const table: Readonly<Record<RightKind, readonly (readonly [name: string, since: LandlockAbi])[]>> = {
  fs: [
    ['execute', 1], ['write_file', 1], ['read_file', 1], ['read_dir', 1], ['remove_dir', 1], ['remove_file', 1],
    ['make_char', 1], ['make_dir', 1], ['make_reg', 1], ['make_sock', 1], ['make_fifo', 1], ['make_block', 1],
    ['make_sym', 1], ['refer', 2], ['truncate', 3], ['ioctl_dev', 5], ['resolve_unix', 9],
  ],
  net: [['bind_tcp', 4], ['connect_tcp', 4], ['bind_udp', 10], ['connect_send_udp', 10]],
  scope: [['abstract_unix_socket', 6], ['signal', 6]],
}

/** Rights of the file system that there are in any ABI. */
export const FS_RIGHTS = table.fs.length
export const ALL_FS = 2 ** FS_RIGHTS - 1

/** The rights that a kernel of that ABI knows, as a mask. */
export const maskOf = (kind: RightKind, abi: LandlockAbi): number =>
  table[kind].reduce((mask, [, since], bit) => (since <= abi ? mask | (1 << bit) : mask), 0)

/** `fs.read_file,fs.truncate`: as the field `blockers` of audit records writes a mask. */
export const rightNames = (kind: RightKind, mask: number): string =>
  table[kind].flatMap(([name], bit) => ((mask & (1 << bit)) === 0 ? [] : [`${kind}.${name}`])).join(',')

/** Names of a kind, by bit. */
export const rightsOfKind = (kind: RightKind): readonly string[] => table[kind].map(([name]) => name)

/** The bit of a name; 0 for one that there is not. */
export const bitOf = (kind: RightKind, name: string): number => {
  const bit = table[kind].findIndex(([one]) => one === name)
  return bit < 0 ? 0 : 1 << bit
}

/** The ABI that has every right of the mask. */
export const neededAbi = (kind: RightKind, mask: number): LandlockAbi =>
  table[kind].reduce<LandlockAbi>((abi, [, since], bit) =>
    (mask & (1 << bit)) !== 0 && since > abi ? since : abi, 1)

/** Rights that a file that is not a directory can have. */
export const ACCESS_FILE =
  LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
  LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV | LANDLOCK_ACCESS_FS_RESOLVE_UNIX
