/** Numbers of the binary policy format (libsepol's policydb.h, avtab.h, constraint.h; the kernel's ss/ headers). */

export const POLICYDB_MAGIC = 0xf97cff8c
export const POLICYDB_STRING = 'SE Linux'

/** Versions a kernel policy can have, and the features of each. */
export const POLICYDB_VERSION_AVTAB = 20
export const POLICYDB_VERSION_RANGETRANS = 21
export const POLICYDB_VERSION_POLCAP = 22
export const POLICYDB_VERSION_PERMISSIVE = 23
export const POLICYDB_VERSION_BOUNDARY = 24
export const POLICYDB_VERSION_FILENAME_TRANS = 25
export const POLICYDB_VERSION_ROLETRANS = 26
export const POLICYDB_VERSION_NEW_OBJECT_DEFAULTS = 27
export const POLICYDB_VERSION_DEFAULT_TYPE = 28
export const POLICYDB_VERSION_CONSTRAINT_NAMES = 29
export const POLICYDB_VERSION_XPERMS_IOCTL = 30
export const POLICYDB_VERSION_INFINIBAND = 31
export const POLICYDB_VERSION_GLBLUB = 32
export const POLICYDB_VERSION_COMP_FTRANS = 33
export const POLICYDB_VERSION_COND_XPERMS = 34
export const POLICYDB_VERSION_NEVERAUDIT = 35

export const POLICYDB_VERSION_MIN = POLICYDB_VERSION_AVTAB
export const POLICYDB_VERSION_MAX = POLICYDB_VERSION_NEVERAUDIT

/** Bits of the config word. */
export const POLICYDB_CONFIG_MLS = 1
export const REJECT_UNKNOWN = 2
export const ALLOW_UNKNOWN = 4

/** Kinds of rules: one bit of an item's `specified`. */
export const AVTAB_ALLOWED = 0x0001
export const AVTAB_AUDITALLOW = 0x0002
/** The datum of a dontaudit rule is the mask of what is still audited. */
export const AVTAB_AUDITDENY = 0x0004
export const AVTAB_AV = 0x0007
export const AVTAB_TRANSITION = 0x0010
export const AVTAB_MEMBER = 0x0020
export const AVTAB_CHANGE = 0x0040
export const AVTAB_TYPE = 0x0070
export const AVTAB_XPERMS_ALLOWED = 0x0100
export const AVTAB_XPERMS_AUDITALLOW = 0x0200
export const AVTAB_XPERMS_DONTAUDIT = 0x0400
export const AVTAB_XPERMS = 0x0700
/** Run-time flag of conditional items, present in files and without meaning there. */
export const AVTAB_ENABLED = 0x8000

/** Kinds of extended permissions. */
export const AVTAB_XPERMS_IOCTLFUNCTION = 1
export const AVTAB_XPERMS_IOCTLDRIVER = 2
export const AVTAB_XPERMS_NLMSG = 3

/** Nodes of a constraint expression, in postfix order. */
export const CEXPR_NOT = 1
export const CEXPR_AND = 2
export const CEXPR_OR = 3
export const CEXPR_ATTR = 4
export const CEXPR_NAMES = 5

/** The operand of a node. */
export const CEXPR_USER = 1
export const CEXPR_ROLE = 2
export const CEXPR_TYPE = 4
export const CEXPR_TARGET = 8
export const CEXPR_XTARGET = 16
export const CEXPR_L1L2 = 32
export const CEXPR_L1H2 = 64
export const CEXPR_H1L2 = 128
export const CEXPR_H1H2 = 256
export const CEXPR_L1H1 = 512
export const CEXPR_L2H2 = 1024

/** How it compares. */
export const CEXPR_EQ = 1
export const CEXPR_NEQ = 2
export const CEXPR_DOM = 3
export const CEXPR_DOMBY = 4
export const CEXPR_INCOMP = 5

export const CEXPR_MAXDEPTH = 5

/** Nodes of a conditional expression, in postfix order. */
export const COND_BOOL = 1
export const COND_NOT = 2
export const COND_OR = 3
export const COND_AND = 4
export const COND_XOR = 5
export const COND_EQ = 6
export const COND_NEQ = 7

export const COND_EXPR_MAXDEPTH = 10

/** Properties of a type. */
export const TYPE_PRIMARY = 1
export const TYPE_ATTRIBUTE = 2

/** Where a new object's user, role or type comes from. */
export const DEFAULT_SOURCE = 1
export const DEFAULT_TARGET = 2

/** Where a new object's range comes from. */
export const DEFAULT_SOURCE_LOW = 1
export const DEFAULT_SOURCE_HIGH = 2
export const DEFAULT_SOURCE_LOW_HIGH = 3
export const DEFAULT_TARGET_LOW = 4
export const DEFAULT_TARGET_HIGH = 5
export const DEFAULT_TARGET_LOW_HIGH = 6
export const DEFAULT_GLBLUB = 7

/** The role of objects. */
export const OBJECT_R = 'object_r'
export const OBJECT_R_VAL = 1

/** Policy capabilities, by bit. */
export const policycapNames: readonly string[] = [
  'network_peer_controls', 'open_perms', 'extended_socket_class', 'always_check_network', 'cgroup_seclabel',
  'nnp_nosuid_transition', 'genfs_seclabel_symlinks', 'ioctl_skip_cloexec', 'userspace_initial_context',
  'netlink_xperm', 'netif_wildcard', 'genfs_seclabel_wildcard', 'functionfs_seclabel', 'memfd_class',
  'bpf_token_perms',
]
