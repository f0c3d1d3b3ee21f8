/** Numbers of the LSM system calls and of the framework inside the kernel. */

// LSM_ID: who is asked.
export const LSM_ID_UNDEF = 0
export const LSM_ID_CAPABILITY = 100
export const LSM_ID_SELINUX = 101
export const LSM_ID_SMACK = 102
export const LSM_ID_TOMOYO = 103
export const LSM_ID_APPARMOR = 104
export const LSM_ID_YAMA = 105
export const LSM_ID_LOADPIN = 106
export const LSM_ID_SAFESETID = 107
export const LSM_ID_LOCKDOWN = 108
export const LSM_ID_BPF = 109
export const LSM_ID_LANDLOCK = 110
export const LSM_ID_IMA = 111
export const LSM_ID_EVM = 112
export const LSM_ID_IPE = 113

// LSM_ATTR: what is asked for.
export const LSM_ATTR_UNDEF = 0
export const LSM_ATTR_CURRENT = 100
export const LSM_ATTR_EXEC = 101
export const LSM_ATTR_FSCREATE = 102
export const LSM_ATTR_KEYCREATE = 103
export const LSM_ATTR_PREV = 104
export const LSM_ATTR_SOCKCREATE = 105

// lsm_get_self_attr(2)
export const LSM_FLAG_SINGLE = 0x0001

// Registration: order and flags of struct lsm_info.
export const LSM_ORDER_FIRST = -1
export const LSM_ORDER_MUTABLE = 0
export const LSM_ORDER_LAST = 1
export const LSM_FLAG_LEGACY_MAJOR = 1
export const LSM_FLAG_EXCLUSIVE = 2

// bprm->unsafe
export const LSM_UNSAFE_SHARE = 1
export const LSM_UNSAFE_PTRACE = 2
export const LSM_UNSAFE_NO_NEW_PRIVS = 4

// task_fix_setuid, task_prlimit
export const LSM_SETID_ID = 1
export const LSM_SETID_RE = 2
export const LSM_SETID_RES = 4
export const LSM_SETID_FS = 8
export const LSM_PRLIMIT_READ = 1
export const LSM_PRLIMIT_WRITE = 2

// security_sb_set_mnt_opts()
export const SECURITY_LSM_NATIVE_LABELS = 1

// notifier events and integrity kinds
export const LSM_POLICY_CHANGE = 0
export const LSM_INT_DMVERITY_SIG_VALID = 0
export const LSM_INT_DMVERITY_ROOTHASH = 1
export const LSM_INT_FSVERITY_BUILTINSIG_VALID = 2
