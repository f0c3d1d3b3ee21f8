/** The source of decisions, and the object that the answer is written into: the caller keeps it. */

/** The subject's domain is permissive. */
export const AVD_FLAGS_PERMISSIVE = 1
/** The subject's domain is never audited (policies of version 35). */
export const AVD_FLAGS_NEVERAUDIT = 2

/** Base permissions that extended ones refine. */
export const XPERM_IOCTL = 1
export const XPERM_NLMSG = 2

/** Sets of permissions are 32-bit words; they may be negative numbers. */
export class AvDecision {
  allowed = 0
  auditallow = 0
  auditdeny = 0
  seqno = 0
  flags = 0
  readonly xperms = new XpermDrivers()
}

/** As the kernel's `struct extended_perms`: whether ioctls and netlink messages are refined at all, and which. */
export class XpermDrivers {
  /** 0: a base permission that is allowed is allowed for every command. */
  len = 0
  /** XPERM_IOCTL, XPERM_NLMSG. */
  base = 0
  /** 256 bits: drivers that some rule speaks of. */
  readonly drivers = new Uint32Array(8)
}

/** As the kernel's `struct extended_perms_decision`: 256-bit sets of the low bytes of one driver's commands. */
export class XpermDecision {
  driver = 0
  base = 0
  readonly allowed = new Uint32Array(8)
  readonly auditallow = new Uint32Array(8)
  readonly dontaudit = new Uint32Array(8)
}

/** The source of decisions: the security server, or a stand-in for it. */
export interface DecisionSource {
  computeAv(ssid: number, tsid: number, tclass: number, out: AvDecision): void
  computeXperms(
    ssid: number, tsid: number, tclass: number, driver: number, base: number, out: XpermDecision,
  ): void
}
