/**
 * The 46 functions of `wasi_snapshot_preview1`, one line each in the order of its witx file: name, parameters as the
 * module passes them. 64-bit values arrive as bigint, everything else as a signed 32-bit number.
 *
 * The types of the handlers, the import object and the trace are made from this table.
 */

/** One import: `params` names and types its parameters (`ptr` and `size` unsigned, `fd` a descriptor). */
export interface ImportDef<A extends readonly (number | bigint)[]> {
  readonly params: string
  /** It may have to wait for others. */
  readonly waits: boolean
  /** Only for the type checker. */
  readonly args?: A
}

const call = <A extends readonly (number | bigint)[]>(params: string): ImportDef<A> => ({ params, waits: false })
const waiting = <A extends readonly (number | bigint)[]>(params: string): ImportDef<A> => ({ params, waits: true })

export const preview1Table = {
  args_get: call<[argv: number, argv_buf: number]>('argv ptr, argv_buf ptr'),
  args_sizes_get: call<[argc: number, argv_buf_size: number]>('argc ptr, argv_buf_size ptr'),
  environ_get: call<[environ: number, environ_buf: number]>('environ ptr, environ_buf ptr'),
  environ_sizes_get: call<[count: number, buf_size: number]>('count ptr, buf_size ptr'),
  clock_res_get: call<[id: number, resolution: number]>('id clockid, resolution ptr'),
  clock_time_get: call<[id: number, precision: bigint, time: number]>('id clockid, precision u64, time ptr'),
  fd_advise: call<[fd: number, offset: bigint, len: bigint, advice: number]>('fd fd, offset u64, len u64, advice u8'),
  fd_allocate: call<[fd: number, offset: bigint, len: bigint]>('fd fd, offset u64, len u64'),
  fd_close: call<[fd: number]>('fd fd'),
  fd_datasync: call<[fd: number]>('fd fd'),
  fd_fdstat_get: call<[fd: number, stat: number]>('fd fd, stat ptr'),
  fd_fdstat_set_flags: call<[fd: number, flags: number]>('fd fd, flags fdflags'),
  fd_fdstat_set_rights: call<[fd: number, base: bigint, inheriting: bigint]>('fd fd, base rights, inheriting rights'),
  fd_filestat_get: call<[fd: number, stat: number]>('fd fd, stat ptr'),
  fd_filestat_set_size: call<[fd: number, size: bigint]>('fd fd, size u64'),
  fd_filestat_set_times:
    call<[fd: number, atim: bigint, mtim: bigint, flags: number]>('fd fd, atim u64, mtim u64, flags fstflags'),
  fd_pread:
    call<[fd: number, iovs: number, iovs_len: number, offset: bigint, nread: number]>(
      'fd fd, iovs ptr, iovs_len size, offset u64, nread ptr'),
  fd_prestat_get: call<[fd: number, prestat: number]>('fd fd, prestat ptr'),
  fd_prestat_dir_name: call<[fd: number, path: number, path_len: number]>('fd fd, path ptr, path_len size'),
  fd_pwrite:
    call<[fd: number, iovs: number, iovs_len: number, offset: bigint, nwritten: number]>(
      'fd fd, iovs ptr, iovs_len size, offset u64, nwritten ptr'),
  fd_read:
    waiting<[fd: number, iovs: number, iovs_len: number, nread: number]>('fd fd, iovs ptr, iovs_len size, nread ptr'),
  fd_readdir:
    call<[fd: number, buf: number, buf_len: number, cookie: bigint, bufused: number]>(
      'fd fd, buf ptr, buf_len size, cookie u64, bufused ptr'),
  fd_renumber: call<[fd: number, to: number]>('fd fd, to fd'),
  fd_seek:
    call<[fd: number, offset: bigint, whence: number, newoffset: number]>(
      'fd fd, offset s64, whence u8, newoffset ptr'),
  fd_sync: call<[fd: number]>('fd fd'),
  fd_tell: call<[fd: number, offset: number]>('fd fd, offset ptr'),
  fd_write:
    waiting<[fd: number, iovs: number, iovs_len: number, nwritten: number]>(
      'fd fd, iovs ptr, iovs_len size, nwritten ptr'),
  path_create_directory: call<[fd: number, path: number, path_len: number]>('fd fd, path str'),
  path_filestat_get:
    call<[fd: number, flags: number, path: number, path_len: number, stat: number]>(
      'fd fd, flags lookupflags, path str, stat ptr'),
  path_filestat_set_times:
    call<[fd: number, flags: number, path: number, path_len: number, atim: bigint, mtim: bigint, fst_flags: number]>(
      'fd fd, flags lookupflags, path str, atim u64, mtim u64, fst_flags fstflags'),
  path_link:
    call<[old_fd: number, old_flags: number, old_path: number, old_path_len: number, new_fd: number, new_path: number,
      new_path_len: number]>('old_fd fd, old_flags lookupflags, old_path str, new_fd fd, new_path str'),
  path_open:
    waiting<[fd: number, dirflags: number, path: number, path_len: number, oflags: number, rights_base: bigint,
      rights_inheriting: bigint, fdflags: number, opened_fd: number]>(
      'fd fd, dirflags lookupflags, path str, oflags oflags, rights_base rights, rights_inheriting rights, ' +
      'fdflags fdflags, opened_fd ptr'),
  path_readlink:
    call<[fd: number, path: number, path_len: number, buf: number, buf_len: number, bufused: number]>(
      'fd fd, path str, buf ptr, buf_len size, bufused ptr'),
  path_remove_directory: call<[fd: number, path: number, path_len: number]>('fd fd, path str'),
  path_rename:
    call<[fd: number, old_path: number, old_path_len: number, new_fd: number, new_path: number, new_path_len: number]>(
      'fd fd, old_path str, new_fd fd, new_path str'),
  path_symlink:
    call<[old_path: number, old_path_len: number, fd: number, new_path: number, new_path_len: number]>(
      'old_path str, fd fd, new_path str'),
  path_unlink_file: call<[fd: number, path: number, path_len: number]>('fd fd, path str'),
  poll_oneoff:
    waiting<[subscriptions: number, events: number, nsubscriptions: number, nevents: number]>(
      'subscriptions ptr, events ptr, nsubscriptions size, nevents ptr'),
  proc_exit: call<[code: number]>('code u32'),
  proc_raise: waiting<[sig: number]>('sig u8'),
  sched_yield: waiting<[]>(''),
  random_get: call<[buf: number, buf_len: number]>('buf ptr, buf_len size'),
  sock_accept: waiting<[fd: number, flags: number, opened_fd: number]>('fd fd, flags fdflags, opened_fd ptr'),
  sock_recv:
    waiting<[fd: number, iovs: number, iovs_len: number, ri_flags: number, nread: number, ro_flags: number]>(
      'fd fd, iovs ptr, iovs_len size, ri_flags u16, nread ptr, ro_flags ptr'),
  sock_send:
    waiting<[fd: number, iovs: number, iovs_len: number, si_flags: number, nwritten: number]>(
      'fd fd, iovs ptr, iovs_len size, si_flags u16, nwritten ptr'),
  sock_shutdown: call<[fd: number, how: number]>('fd fd, how sdflags'),
}

type ArgsOf<D> = D extends ImportDef<infer A> ? A : never

/** The functions that a host implements: an answer is a WASI errno, at once unless `R` is a promise. */
export type Preview1<R = number> = {
  readonly [N in keyof typeof preview1Table]: (...args: ArgsOf<(typeof preview1Table)[N]>) => R
}

/** Some of the handlers, each with what it works on as its first parameter: `bound` makes imports of them. */
export type Handlers<State, R = number> = {
  readonly [N in keyof typeof preview1Table]?: (state: State, ...args: ArgsOf<(typeof preview1Table)[N]>) => R
}

export type Preview1Name = keyof Preview1
