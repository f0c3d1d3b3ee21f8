/**
 * The interface between a kernel's three Landlock calls and the module; the module provides it, and a kernel takes it
 * when it boots: `bootKernel({ stack, landlock: lsm.engine })`. The kernel reads arguments and descriptors, counts
 * memory, and keeps credentials. Without an engine, or when the module is not enabled, the calls answer -EOPNOTSUPP.
 *
 * Access masks are as programs gave them, 64 bits wide. Failures return -errno.
 */
import type { Cred } from './objects/cred.ts'
import type { Inode, Path } from './objects/fs.ts'
import type { Sock } from './objects/net.ts'
import type { Task } from './objects/task.ts'

/** The object behind a ruleset descriptor. */
export interface LandlockRuleset {
  /** The descriptor is closed; domains that were made of it stay. */
  release(): void
}

/** `struct landlock_ruleset_attr`. */
export interface LandlockHandled {
  readonly fs: bigint
  readonly net: bigint
  readonly scoped: bigint
  /** Of each the bits whose refusals quiet rules keep out of the log (ABI 10). */
  readonly quiet?: { readonly fs: bigint; readonly net: bigint; readonly scoped: bigint }
}

export interface LandlockEngine {
  /** Whether the stack has brought the module up. */
  readonly isEnabled: boolean
  /** The answers to LANDLOCK_CREATE_RULESET_VERSION and _ERRATA. */
  readonly abi: number
  readonly errata: number
  /** Bytes of `struct landlock_ruleset_attr` that it knows. */
  readonly attrSize: number
  /** Flags of landlock_add_rule(2) that it knows, as a mask. */
  readonly ruleFlags?: number
  /** Flags of landlock_restrict_self(2) that it knows, as a mask. */
  readonly restrictFlags: number
  /** Once, by the kernel that boots with it: 0, or -EBUSY when another has. */
  boot(host: LandlockHost): number
  /** -EINVAL for unknown bits and quiet ones that are not handled, -ENOMSG when nothing is handled, -ENOMEM. */
  create(handled: LandlockHandled): LandlockRuleset | number
  /**
   * LANDLOCK_RULE_PATH_BENEATH: -ENOMSG, -EINVAL, or what `pathOf` answers, which is asked in between; -ENOMEM.
   */
  addPath(ruleset: LandlockRuleset, access: bigint, pathOf: () => Path | number, flags?: number): number
  /** LANDLOCK_RULE_NET_PORT: -ENOMSG, -EINVAL, -ENOMEM. */
  addPort(ruleset: LandlockRuleset, access: bigint, port: bigint, flags?: number): number
  /**
   * Another layer on the domain of prepared credentials; none when there is no ruleset and the flags alone count. 0,
   * -E2BIG when there are sixteen, -ENOMEM.
   */
  restrict(ruleset: LandlockRuleset | null, next: Cred, flags: number): number
  /**
   * A path has led the current task to this socket (the hook unix_find of 7.1, which 6.12 has not): 0 or -EACCES.
   */
  unixFind(path: Path, sk: Sock): number
  /** Gives prepared credentials of a sibling thread the domain of `from` (LANDLOCK_RESTRICT_SELF_TSYNC). */
  copyDomain(next: Cred, from: Cred): void
}

/** The engine that one of these modules gives; null when none does. */
export const landlockEngineOf = (lsms: readonly object[]): LandlockEngine | null => {
  for (const lsm of lsms) {
    const engine = 'engine' in lsm ? (lsm.engine as Partial<LandlockEngine> | null) : null
    if (typeof engine === 'object' && engine !== null && typeof engine.addPath === 'function') {
      return engine as LandlockEngine
    }
  }
  return null
}

/** The services that the engine asks of its kernel. */
export interface LandlockHost {
  readonly topology: LandlockTopology
  /** Keeps an inode in memory, with its identity, while a rule names it; and lets it go. */
  ihold(inode: Inode): void
  iput(inode: Inode): void
  /** A fresh holder on the account of whoever is calling. */
  account(): LandlockMemory
  /** As `unix_peer`: whom a socket is connected to. */
  unix_peer(sk: Sock): Sock | null
  /** Whether a socket of AF_UNIX has an abstract name. */
  isAbstract(sk: Sock): boolean
  /** As `pid_task`, by the number of the initial pid namespace; `-nr`: the newest process of the group `nr`. */
  pid_task(nr: number): Task | null
  /** An object that identifies a task's process across exec, and no later process (its thread group's struct pid). */
  processOf(task: Task): object
}

/** Notifies that the tree has changed its shape: a directory or a mount point was renamed, a mount came or went. */
export interface LandlockTopology {
  /** Grows with every change. */
  readonly version: number
}

/** Bytes of the host's heap that one object holds. */
export interface LandlockMemory {
  /** False, and nothing is charged, where there is no room. */
  charge(bytes: number): boolean
  release(): void
}

/** The calls of a kernel that a builder of rulesets needs; those of `bootKernel` fit. Pointers are bytes, or null. */
export interface LandlockCalls {
  readonly sys: {
    landlock_create_ruleset(task: Task, attr: Uint8Array | null, size: number, flags: number): number
    landlock_add_rule(task: Task, fd: number, type: number, attr: Uint8Array | null, flags: number): number
    landlock_restrict_self(task: Task, fd: number, flags: number): number
    openat(task: Task, dfd: number, path: string, flags: number, mode: number): number
    close(task: Task, fd: number): number
    prctl(task: Task, option: number, a: number, b: number, c: number, d: number): number
  }
}
