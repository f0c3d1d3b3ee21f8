/** Names, prefixes and limits of extended attributes. */

// flags of setxattr(2)
export const XATTR_CREATE = 0x1
export const XATTR_REPLACE = 0x2

// name spaces
export const XATTR_OS2_PREFIX = 'os2.'
export const XATTR_MAC_OSX_PREFIX = 'osx.'
export const XATTR_BTRFS_PREFIX = 'btrfs.'
export const XATTR_HURD_PREFIX = 'gnu.'
export const XATTR_SECURITY_PREFIX = 'security.'
export const XATTR_SYSTEM_PREFIX = 'system.'
export const XATTR_TRUSTED_PREFIX = 'trusted.'
export const XATTR_USER_PREFIX = 'user.'

// names within a name space
export const XATTR_EVM_SUFFIX = 'evm'
export const XATTR_IMA_SUFFIX = 'ima'
export const XATTR_SELINUX_SUFFIX = 'selinux'
export const XATTR_SMACK_SUFFIX = 'SMACK64'
export const XATTR_SMACK_IPIN = 'SMACK64IPIN'
export const XATTR_SMACK_IPOUT = 'SMACK64IPOUT'
export const XATTR_SMACK_EXEC = 'SMACK64EXEC'
export const XATTR_SMACK_TRANSMUTE = 'SMACK64TRANSMUTE'
export const XATTR_SMACK_MMAP = 'SMACK64MMAP'
export const XATTR_APPARMOR_SUFFIX = 'apparmor'
export const XATTR_CAPS_SUFFIX = 'capability'
export const XATTR_POSIX_ACL_ACCESS = 'posix_acl_access'
export const XATTR_POSIX_ACL_DEFAULT = 'posix_acl_default'

// whole names
export const XATTR_NAME_EVM = 'security.evm'
export const XATTR_NAME_IMA = 'security.ima'
export const XATTR_NAME_SELINUX = 'security.selinux'
export const XATTR_NAME_SMACK = 'security.SMACK64'
export const XATTR_NAME_SMACKIPIN = 'security.SMACK64IPIN'
export const XATTR_NAME_SMACKIPOUT = 'security.SMACK64IPOUT'
export const XATTR_NAME_SMACKEXEC = 'security.SMACK64EXEC'
export const XATTR_NAME_SMACKTRANSMUTE = 'security.SMACK64TRANSMUTE'
export const XATTR_NAME_SMACKMMAP = 'security.SMACK64MMAP'
export const XATTR_NAME_APPARMOR = 'security.apparmor'
export const XATTR_NAME_CAPS = 'security.capability'
export const XATTR_NAME_POSIX_ACL_ACCESS = 'system.posix_acl_access'
export const XATTR_NAME_POSIX_ACL_DEFAULT = 'system.posix_acl_default'

// limits, in bytes
export const XATTR_NAME_MAX = 255
export const XATTR_SIZE_MAX = 65536
export const XATTR_LIST_MAX = 65536
