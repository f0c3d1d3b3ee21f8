/** The types of `taskFs`: those of the calls, in Node's three forms. */
import type { BigIntStats, Dirent, Stats } from '@lsmkit/kernel/files'
import type { View } from './arguments/data.ts'
import type {
  BlobOptions, CpOptions, FileOptions, NameOptions, ReaddirOptions, StatOptions,
} from './arguments/options.ts'
import type { NameEncoding, Path } from './arguments/paths.ts'
import type { StreamArgument } from './arguments/stream-options.ts'
import type { StatFs } from './calls/attributes.ts'
import type { FileArgument } from './calls/contents.ts'
import type { Operations, Transfers } from './calls/index.ts'
import type { NameArgument } from './calls/names.ts'
import type { PartOptions } from './calls/transfers.ts'
import type { constants } from './constants.ts'
import type { Dir } from './dir.ts'
import type { FileHandle } from './file-handle.ts'
import type { Callback } from './forms.ts'
import type { GlobPromises, Globs } from './glob/index.ts'
import type { StreamClasses } from './streams.ts'
import type { TemporaryDirectory } from './temporary.ts'
import type { WatchEvent, WatchIteratorOptions } from './watch/iterator.ts'
import type { Watches } from './watch/index.ts'
import type { WholeData } from './whole-data.ts'

interface StatCall<First> {
  (of: First, options: StatOptions & { readonly bigint: true }): BigIntStats
  (of: First, options?: StatOptions & { readonly bigint?: false }): Stats
  (of: First, options?: StatOptions): Stats | BigIntStats
}
interface StatfsCall {
  (path: Path, options: { readonly bigint: true }): StatFs<bigint>
  (path: Path, options?: { readonly bigint?: false }): StatFs
  (path: Path, options?: { readonly bigint?: boolean }): StatFs | StatFs<bigint>
}
interface ReadFileCall<First> {
  (path: First, options?: FileOptions & { readonly encoding?: null } | null): Buffer
  (path: First, options: FileOptions & { readonly encoding: BufferEncoding } | BufferEncoding): string
  (path: First, options?: FileArgument): string | Buffer
}
type BufferNames = ReaddirOptions & { readonly encoding: 'buffer' }
interface ReaddirCall {
  (path: Path, options: BufferNames & { readonly withFileTypes: true }): Dirent<Buffer>[]
  (path: Path, options: ReaddirOptions & { readonly withFileTypes: true }): Dirent[]
  (path: Path, options: ReaddirOptions & { readonly encoding: 'buffer' } | 'buffer'): Buffer[]
  (path: Path, options?: ReaddirOptions & { readonly withFileTypes?: false } | BufferEncoding | null): string[]
  (path: Path, options?: ReaddirOptions | NameEncoding): string[] | Buffer[] | Dirent[] | Dirent<Buffer>[]
}
interface NameCall {
  (path: Path, options: NameOptions & { readonly encoding: 'buffer' } | 'buffer'): Buffer
  (path: Path, options?: { readonly encoding?: BufferEncoding | null } | BufferEncoding | null): string
  (path: Path, options?: NameArgument): string | Buffer
}

/** Calls whose answer is of a type that their options choose. */
interface Chosen {
  readonly fstat: StatCall<number>
  readonly lstat: StatCall<Path>
  readonly mkdtemp: NameCall
  readonly readFile: ReadFileCall<Path | number>
  readonly readdir: ReaddirCall
  readonly readlink: NameCall
  readonly realpath: NameCall
  readonly stat: StatCall<Path>
  readonly statfs: StatfsCall
}
interface Copying {
  readonly cp: (source: Path, destination: Path, options?: CpOptions) => void
}
type Calls = Omit<Operations, keyof Chosen> & Chosen & Copying

/** A function whose overloads each answer a promise. */
type Later<F> = F extends {
  (...args: infer A1): infer R1; (...args: infer A2): infer R2; (...args: infer A3): infer R3
  (...args: infer A4): infer R4; (...args: infer A5): infer R5
} ? {
    (...args: A1): Promise<R1>; (...args: A2): Promise<R2>; (...args: A3): Promise<R3>
    (...args: A4): Promise<R4>; (...args: A5): Promise<R5>
  } : never

/** The callback comes last, after whatever else is given. */
type WithCallback<F> = F extends (...args: infer A) => infer R
  ? (...args: [...Partial<A>, Callback<R>] | [...A, Callback<R>]) => void
  : never

type OnDescriptors =
  'close' | 'fchmod' | 'fchown' | 'fdatasync' | 'fstat' | 'fsync' | 'ftruncate' | 'futimes' | 'open'

/** Written out, since they take a handle too, or data that comes by and by. */
type Others = 'appendFile' | 'exists' | 'readFile' | 'writeFile'

/** As `fs.promises`. */
export type TaskFsPromises = {
  readonly [N in Exclude<keyof Calls, OnDescriptors | Others>]: Later<Calls[N]>
} & {
  appendFile(path: Path | FileHandle, data: WholeData, options?: FileArgument): Promise<void>
  lchmod(path: Path, mode: number | string): Promise<never>
  mkdtempDisposable(prefix: Path, options?: NameArgument): Promise<TemporaryDirectory>
  open(path: Path, flags?: string | number, mode?: number | string): Promise<FileHandle>
  readonly readFile: Later<ReadFileCall<Path | FileHandle>>
  watch(path: Path, options?: WatchIteratorOptions | NameEncoding): AsyncGenerator<WatchEvent, void>
  writeFile(path: Path | FileHandle, data: WholeData, options?: FileArgument): Promise<void>
  readonly glob: GlobPromises
  readonly constants: typeof constants
}

interface Special extends Watches, Globs, StreamClasses {
  close(fd: number, callback?: Callback<void>): void
  createReadStream(path: Path, options?: StreamArgument): InstanceType<StreamClasses['ReadStream']>
  createWriteStream(path: Path, options?: StreamArgument): InstanceType<StreamClasses['WriteStream']>
  exists(path: Path, callback: (isThere: boolean) => void): void
  mkdtempDisposableSync(prefix: Path, options?: NameArgument): TemporaryDirectory
  openAsBlob(path: Path, options?: BlobOptions): Promise<Blob>
  read(fd: number, ...rest: readonly (View | number | bigint | null | PartOptions | ReadCallback)[]): void
  readonly realpath: WithCallback<NameCall> & { readonly native: WithCallback<NameCall> }
  readonly realpathSync: NameCall & { readonly native: NameCall }
  readonly Dir: typeof Dir
  readonly Dirent: typeof Dirent
  readonly Stats: typeof Stats
  readonly FileReadStream: StreamClasses['ReadStream']
  readonly FileWriteStream: StreamClasses['WriteStream']
  readonly F_OK: number
  readonly R_OK: number
  readonly W_OK: number
  readonly X_OK: number
  readonly promises: TaskFsPromises
  readonly constants: typeof constants
}
type ReadCallback = (error: Error | null, bytesRead: number, buffer: Buffer) => void

type Sync = { readonly [N in keyof Calls as `${N}Sync`]: Calls[N] } & {
  readonly [N in keyof Transfers as `${N}Sync`]: Transfers[N]
}
type Called = { readonly [N in keyof Calls]: WithCallback<Calls[N]> } & {
  readonly [N in keyof Transfers]: WithCallback<Transfers[N]>
}

/** As `node:fs`. */
export type TaskFs = Omit<Sync & Called, keyof Special> & Special
