/** Access rights, rule types, scopes and flags of Landlock, and the structs its three calls take. */

// version of the interface in 6.12
export const LANDLOCK_ABI_VERSION = 6

// landlock_create_ruleset(2)
export const LANDLOCK_CREATE_RULESET_VERSION = 1
export const LANDLOCK_CREATE_RULESET_ERRATA = 2

/** landlock_add_rule(2), ABI 10: refusals at the object of the rule are not logged. */
export const LANDLOCK_ADD_RULE_QUIET = 1

// landlock_restrict_self(2): ABI 7, TSYNC 8, NO_NEW_PRIVS 11
export const LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF = 1
export const LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON = 2
export const LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF = 4
export const LANDLOCK_RESTRICT_SELF_TSYNC = 8
export const LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS = 16

// rule types
export const LANDLOCK_RULE_PATH_BENEATH = 1
export const LANDLOCK_RULE_NET_PORT = 2

// file system
export const LANDLOCK_ACCESS_FS_EXECUTE = 0x1
export const LANDLOCK_ACCESS_FS_WRITE_FILE = 0x2
export const LANDLOCK_ACCESS_FS_READ_FILE = 0x4
export const LANDLOCK_ACCESS_FS_READ_DIR = 0x8
export const LANDLOCK_ACCESS_FS_REMOVE_DIR = 0x10
export const LANDLOCK_ACCESS_FS_REMOVE_FILE = 0x20
export const LANDLOCK_ACCESS_FS_MAKE_CHAR = 0x40
export const LANDLOCK_ACCESS_FS_MAKE_DIR = 0x80
export const LANDLOCK_ACCESS_FS_MAKE_REG = 0x100
export const LANDLOCK_ACCESS_FS_MAKE_SOCK = 0x200
export const LANDLOCK_ACCESS_FS_MAKE_FIFO = 0x400
export const LANDLOCK_ACCESS_FS_MAKE_BLOCK = 0x800
export const LANDLOCK_ACCESS_FS_MAKE_SYM = 0x1000
export const LANDLOCK_ACCESS_FS_REFER = 0x2000
export const LANDLOCK_ACCESS_FS_TRUNCATE = 0x4000
export const LANDLOCK_ACCESS_FS_IOCTL_DEV = 0x8000
/** ABI 9. */
export const LANDLOCK_ACCESS_FS_RESOLVE_UNIX = 0x10000

// network
export const LANDLOCK_ACCESS_NET_BIND_TCP = 0x1
export const LANDLOCK_ACCESS_NET_CONNECT_TCP = 0x2
/** ABI 10, as the next one. */
export const LANDLOCK_ACCESS_NET_BIND_UDP = 0x4
export const LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP = 0x8

// scopes
export const LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 0x1
export const LANDLOCK_SCOPE_SIGNAL = 0x2

/** `struct landlock_ruleset_attr`. Older programs give the first field alone; `quiet_*` are of ABI 10. */
export interface LandlockRulesetAttr {
  readonly handled_access_fs: number | bigint
  readonly handled_access_net?: number | bigint
  readonly scoped?: number | bigint
  readonly quiet_access_fs?: number | bigint
  readonly quiet_access_net?: number | bigint
  readonly quiet_scoped?: number | bigint
}

const words = (...values: readonly (number | bigint)[]): Uint8Array => {
  const bytes = new Uint8Array(8 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setBigUint64(8 * i, BigInt.asUintN(64, BigInt(value)), true))
  return bytes
}

/** 24 bytes as ABI 6 has them, and 48 with something quiet. */
export const packLandlockRuleset = (attr: LandlockRulesetAttr): Uint8Array => {
  const quiet = [attr.quiet_access_fs ?? 0, attr.quiet_access_net ?? 0, attr.quiet_scoped ?? 0]
  return words(attr.handled_access_fs, attr.handled_access_net ?? 0, attr.scoped ?? 0,
    ...(quiet.every((one) => Number(one) === 0) ? [] : quiet))
}

/** `struct landlock_path_beneath_attr`: 12 bytes, without a hole. */
export const packLandlockPathBeneath = (allowed_access: number | bigint, parent_fd: number): Uint8Array => {
  const bytes = new Uint8Array(12)
  bytes.set(words(allowed_access))
  new DataView(bytes.buffer).setInt32(8, parent_fd, true)
  return bytes
}

/** `struct landlock_net_port_attr`: 16 bytes; the port in host order. */
export const packLandlockNetPort = (allowed_access: number | bigint, port: number | bigint): Uint8Array =>
  words(allowed_access, port)
