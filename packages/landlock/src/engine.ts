/** The effects of the three system calls on rulesets and domains (core's LandlockEngine). */
import {
  E2BIG, EBUSY, EINVAL, ENOMEM, ENOMSG, LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON,
  LANDLOCK_ADD_RULE_QUIET, LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF,
  LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS, LANDLOCK_RESTRICT_SELF_TSYNC,
  S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { kernelRules } from '@lsmkit/core'
import type {
  Cred, LandlockEngine, LandlockHandled, LandlockHost, LandlockRuleset, Path, Profile, Sock,
} from '@lsmkit/core'
import { DomainLog } from './domain-log.ts'
import { Domain, DOMAIN_BYTES, MAX_LAYERS } from './domain.ts'
import { NamedInodes } from './named-inodes.ts'
import { Places } from './places.ts'
import { ACCESS_FILE, maskOf } from './rights.ts'
import type { LandlockAbi } from './rights.ts'
import { resolveUnix } from './resolve-unix.ts'
import { RuleTable } from './rule-table.ts'
import { Ruleset } from './ruleset.ts'
import type { Landlock } from './state.ts'

const MAX_PORT = 65535n

/** The number of the issue that whiteouts were made like other devices, and left behind without a right. */
const WHITEOUTS = 4

/** Whether a kernel release has it mended. */
export const guardsWhiteouts = (profile: Profile): boolean =>
  (kernelRules(profile).landlockErrata & (1 << (WHITEOUTS - 1))) !== 0

/** Fixed issues by number, each with the first ABI that has the feature. */
const errata: readonly (readonly [number: number, since: LandlockAbi])[] =
  [[1, 4], [2, 6], [3, 1], [WHITEOUTS, 1]]

/** Bytes of `struct landlock_ruleset_attr`. */
const attrSizeOf = (abi: LandlockAbi): number => (abi < 4 ? 8 : abi < 6 ? 16 : abi < 10 ? 24 : 48)

const LOG_FLAGS = LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF | LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON |
  LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
const restrictFlagsOf = (abi: LandlockAbi): number =>
  (abi < 7 ? 0 : LOG_FLAGS) | (abi < 8 ? 0 : LANDLOCK_RESTRICT_SELF_TSYNC) |
  (abi < 11 ? 0 : LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS)

const hasOthers = (access: bigint, mask: number): boolean => (access & ~BigInt(mask)) !== 0n

export class Engine implements LandlockEngine {
  /** Null until the stack has brought the module up. */
  state: Landlock | null = null
  readonly #remembers: boolean

  constructor(remembers: boolean) {
    this.#remembers = remembers
  }

  get isEnabled(): boolean {
    return this.state !== null
  }
  get abi(): LandlockAbi {
    return this.state!.abi
  }
  get errata(): number {
    const known = errata.reduce((mask, [number, since]) => (since <= this.abi ? mask | (1 << (number - 1)) : mask), 0)
    return known & kernelRules(this.state!.ctx.profile).landlockErrata
  }
  get attrSize(): number {
    return attrSizeOf(this.abi)
  }
  get ruleFlags(): number {
    return this.abi < 10 ? 0 : LANDLOCK_ADD_RULE_QUIET
  }
  get restrictFlags(): number {
    return restrictFlagsOf(this.abi)
  }

  boot(host: LandlockHost): number {
    const { state } = this
    if (state === null) return 0
    if (state.host !== null) return -EBUSY
    state.host = host
    state.named = new NamedInodes(host, state.blobs.superblock)
    if (this.#remembers) state.places = new Places(state.blobs.inode, host.topology)
    return 0
  }

  create({ fs, net, scoped, quiet = { fs: 0n, net: 0n, scoped: 0n } }: LandlockHandled): LandlockRuleset | number {
    if (hasOthers(fs, maskOf('fs', this.abi)) || hasOthers(net, maskOf('net', this.abi))) return -EINVAL
    if (hasOthers(scoped, maskOf('scope', this.abi))) return -EINVAL
    if (((quiet.fs & ~fs) | (quiet.net & ~net) | (quiet.scoped & ~scoped)) !== 0n) return -EINVAL
    if (fs === 0n && net === 0n && scoped === 0n) return -ENOMSG
    const rules = RuleTable.create(this.state!.named!)
    if (rules === null) return -ENOMEM
    const asked = { fs: Number(fs), net: Number(net), scope: Number(scoped) }
    return new Ruleset(asked, { fs: Number(quiet.fs), net: Number(quiet.net), scope: Number(quiet.scoped) }, rules)
  }

  addPath(ruleset: LandlockRuleset, access: bigint, pathOf: () => Path | number, flags = 0): number {
    const { handled, quiet } = ruleset as Ruleset
    if (access === 0n && flags === 0) return -ENOMSG
    if (hasOthers(access, handled.fs) || (flags !== 0 && quiet.fs === 0)) return -EINVAL
    const path = pathOf()
    if (typeof path === 'number') return path
    const inode = path.dentry.d_inode!
    if ((inode.i_mode & S_IFMT) !== S_IFDIR && hasOthers(access, ACCESS_FILE)) return -EINVAL
    const { blobs, ctx, watch } = this.state!
    const object = blobs.inode(inode)
    if ((ruleset as Ruleset).ownRules?.grantInode(object, Number(access), flags !== 0) !== true) return -ENOMEM
    const place = watch === null ? '' : (ctx.host.d_path?.(path) ?? path.dentry.d_name.name)
    watch?.addedInode(ruleset as Ruleset, object, place, Number(access))
    return 0
  }

  addPort(ruleset: LandlockRuleset, access: bigint, port: bigint, flags = 0): number {
    const { handled, quiet } = ruleset as Ruleset
    if (access === 0n && flags === 0) return -ENOMSG
    if (hasOthers(access, handled.net) || (flags !== 0 && quiet.net === 0) || port > MAX_PORT) return -EINVAL
    if ((ruleset as Ruleset).ownRules?.grantPort(Number(port), Number(access), flags !== 0) !== true) return -ENOMEM
    this.state!.watch?.addedPort(ruleset as Ruleset, Number(port), Number(access))
    return 0
  }

  restrict(given: LandlockRuleset | null, next: Cred, flags: number): number {
    const { blobs } = this.state!
    const cred = blobs.cred(next)
    const isLogged = !cred.subdomainsOff
    if ((flags & LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF) !== 0) cred.subdomainsOff = true
    if (given === null) return 0
    const ruleset = given as Ruleset
    if ((cred.domain?.depth ?? 0) >= MAX_LAYERS) return -E2BIG
    const memory = this.state!.host!.account()
    if (!memory.charge(DOMAIN_BYTES)) return -ENOMEM
    const sameExec = (flags & LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF) === 0
    const newExec = (flags & LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON) !== 0
    const log = new DomainLog(this.state!.ids.next(), { sameExec, newExec, isLogged }, this.state!.ctx)
    const domain = new Domain(cred.domain, ruleset, ruleset.rules.get(), memory, log)
    cred.domain?.put()
    cred.domain = domain
    this.state!.watch?.restricted(ruleset, domain)
    cred.domainExec |= 1 << (domain.depth - 1)
    return 0
  }

  unixFind(path: Path, sk: Sock): number {
    return this.state === null ? 0 : resolveUnix(this.state, path, sk)
  }

  copyDomain(next: Cred, from: Cred): void {
    const { blobs } = this.state!
    const [to, source] = [blobs.cred(next), blobs.cred(from)]
    const before = to.domain
    to.domain = source.domain?.get() ?? null
    before?.put()
    to.domainExec = source.domainExec
    to.subdomainsOff = source.subdomainsOff
  }
}
