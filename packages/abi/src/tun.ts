/** Network devices of programs: ioctls of /dev/net/tun and flags of its devices (linux/if_tun.h). */

export const TUNSETNOCSUM = 0x400454c8
export const TUNSETIFF = 0x400454ca
export const TUNSETPERSIST = 0x400454cb
export const TUNSETOWNER = 0x400454cc
export const TUNSETGROUP = 0x400454ce
export const TUNGETFEATURES = 0x800454cf
export const TUNGETIFF = 0x800454d2
export const TUNSETQUEUE = 0x400454d9

export const IFF_TUN = 0x0001
export const IFF_TAP = 0x0002
export const IFF_NAPI = 0x0010
export const IFF_NAPI_FRAGS = 0x0020
export const IFF_NO_CARRIER = 0x0040
export const IFF_MULTI_QUEUE = 0x0100
export const IFF_ATTACH_QUEUE = 0x0200
export const IFF_DETACH_QUEUE = 0x0400
export const IFF_PERSIST = 0x0800
export const IFF_NO_PI = 0x1000
export const IFF_NOFILTER = 0x1000
export const IFF_ONE_QUEUE = 0x2000
export const IFF_VNET_HDR = 0x4000
export const IFF_TUN_EXCL = 0x8000
