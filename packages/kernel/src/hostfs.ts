/** Folders of the host as file systems: the one part of this package that needs Node. */
export { hostfs } from './fs/hostfs/hostfs.ts'
export type { HostfsOptions } from './fs/hostfs/hostfs.ts'
export { HostfsError } from './fs/hostfs/native.ts'
export { HostTree, HostTreeFile } from './fs/hostfs/host-tree.ts'
export type { HostTreeStat, RefuseHostCall } from './fs/hostfs/host-tree.ts'
