/** The interface to a box, wherever its kernel is: in this thread, or in the worker that kernels live in. */
import type { GivenImports, Limits, ServedResponse, WasiStats, WindowSize } from '@lsmkit/wasi'
import type { Access } from './accesses.ts'
import type { Denial, Permit } from './denial.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './cow/change.ts'
import type { Device } from './devices.ts'
import type { Network } from './hosts/network.ts'
import type { Explanation } from './explain.ts'
import type { FsCall } from './fs/fs-calls.ts'
import type { HostTraffic } from './hosts/account.ts'
import type { BoxFilesOption } from './late-files/contents.ts'
import type { RunRefusals } from './run-denials.ts'
import type { RunHttp, ServedHead } from './served-run.ts'
import type { ShellRunning, ShellSpec } from './shell.ts'
import type { Snapshot } from './snapshot.ts'
import type { User } from './policy.ts'

/** The run, as data. */
export interface RunSpec {
  /** A path in the box, or the bytes of a program. */
  readonly program: string | Uint8Array<ArrayBuffer>
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly user: User | null
  readonly label: string | null
  readonly role: string | null
  readonly limits: Limits
  readonly posix: boolean
  readonly syscalls: boolean
  readonly tty: boolean
  /** The streams are a terminal of this size. */
  readonly terminal: WindowSize | null
  /** Functions of the caller. */
  readonly imports: GivenImports | null
  /** The start of a request of HTTP that the program answers; the rest of it is in the streams. */
  readonly request: ServedHead | null
}

/** The ends of a program's streams. */
export interface RunStreams {
  /** The next part, or null at the end. */
  readonly pull: () => Promise<Uint8Array | null>
  /** Takes what the program has written, and answers when there is room for more. */
  readonly push: (to: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>
  /** Of a run that answers a request. */
  readonly http?: RunHttp | null
}

export interface RunEnd extends RunRefusals {
  readonly run: number
  readonly status: number
  readonly signal: number
  readonly reason: string
  readonly stats: WasiStats
  readonly connections: readonly HostTraffic[]
  readonly response?: ServedResponse | null
}

/** A run that goes on. */
export interface Running {
  readonly end: Promise<RunEnd>
  /** Ends it with a signal. */
  kill(signal: number): void
  /** Of its terminal. */
  resize(size: WindowSize): void
}

/** The reports of a box to its maker. */
export interface BoxReports {
  readonly onDenial: (denial: Denial) => void
  /** Null where nobody asks about what is allowed, which costs nothing then. */
  readonly onAccesses: ((accesses: readonly Access[]) => void) | null
}

/** The questions and reports of a box to its maker. */
export interface BoxCallbacks extends BoxReports {
  readonly devices: Readonly<Record<string, Device>>
  readonly network: Network
  readonly files: BoxFilesOption
}

export interface BoxPort {
  run(spec: RunSpec, streams: RunStreams): Running
  readonly fs: FsCall
  explain(): Promise<Explanation>
  snapshot(): Promise<Snapshot>
  restore(snapshot: Snapshot): Promise<void>
  changes(options: ChangesOptions): Promise<readonly Change[]>
  apply(patterns: readonly string[], options: ApplyOptions): Promise<Applied>
  discard(): Promise<void>
  /** A box of its own under the wider policy, from before the run that was refused. */
  with(permit: Permit, reports: BoxReports): Promise<BoxPort>
  sh(command: string, spec: ShellSpec): ShellRunning
  close(): Promise<void>
}
