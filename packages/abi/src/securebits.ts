/** Bits of `cred->securebits` : numbers (SECURE_) and masks (SECBIT_). */

export const SECUREBITS_DEFAULT = 0x00000000
export const SECURE_NOROOT = 0
export const SECURE_NOROOT_LOCKED = 1
export const SECURE_NO_SETUID_FIXUP = 2
export const SECURE_NO_SETUID_FIXUP_LOCKED = 3
export const SECURE_KEEP_CAPS = 4
export const SECURE_KEEP_CAPS_LOCKED = 5
export const SECURE_NO_CAP_AMBIENT_RAISE = 6
export const SECURE_NO_CAP_AMBIENT_RAISE_LOCKED = 7

export const SECBIT_NOROOT = 0x1
export const SECBIT_NOROOT_LOCKED = 0x2
export const SECBIT_NO_SETUID_FIXUP = 0x4
export const SECBIT_NO_SETUID_FIXUP_LOCKED = 0x8
export const SECBIT_KEEP_CAPS = 0x10
export const SECBIT_KEEP_CAPS_LOCKED = 0x20
export const SECBIT_NO_CAP_AMBIENT_RAISE = 0x40
export const SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED = 0x80
export const SECURE_ALL_BITS = 0x55
export const SECURE_ALL_LOCKS = 0xaa
