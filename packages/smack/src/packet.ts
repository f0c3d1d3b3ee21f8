/** Data of packets and socket addresses: protocols, lengths, and addresses as numbers. */
import { parseIpv4, parseIpv6 } from './ip-address.ts'
import type { Ipv6 } from './ip-address.ts'

/** `skb->protocol`, in host order. */
export const ETH_P_IP = 0x0800
export const ETH_P_IPV6 = 0x86dd

/** Bytes of `struct sockaddr_in`, and of a `sockaddr_in6` as old as RFC 2133. */
export const SIZEOF_SOCKADDR_IN = 16
export const SIN6_LEN_RFC2133 = 24
/** Bytes up to the end of `sa_family`. */
export const SA_FAMILY_END = 2

/** An IPv4 address, 0 if the text is not one: no host is listed under 0. */
export const ipv4Of = (text: string): number => parseIpv4(text) ?? 0

const UNSPECIFIED: Ipv6 = [0, 0, 0, 0, 0, 0, 0, 0]
export const ipv6Of = (text: string): Ipv6 => parseIpv6(text) ?? UNSPECIFIED
