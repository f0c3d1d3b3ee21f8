/** Structs that programs have for contexts and that user space knows: what they read of them is relocated too. */
import { contextFields } from '../verifier/context/fields.ts'
import type { ContextField, ContextName } from '../verifier/context/fields.ts'

/** Of a struct that several types of programs have, a table with all fields. */
const tables: Readonly<Record<string, ContextName>> = {
  __sk_buff: 'schedCls', xdp_md: 'xdp', bpf_sock_addr: 'cgroupSockAddr', bpf_sock_ops: 'sockOps', sk_msg_md: 'skMsg',
  bpf_sk_lookup: 'skLookup', sk_reuseport_md: 'skReuseport', bpf_cgroup_dev_ctx: 'cgroupDevice',
  bpf_sysctl: 'cgroupSysctl', bpf_sockopt: 'cgroupSockopt', bpf_perf_event_data: 'perfEvent', bpf_sock: 'cgroupSock',
  bpf_tcp_sock: 'tcpSockRegister', bpf_xdp_sock: 'xdpSockRegister',
}

const pointers: Readonly<Record<string, string>> = {
  sk: 'struct bpf_sock *', migrating_sk: 'struct bpf_sock *', flow_keys: 'struct bpf_flow_keys *', data: 'void *',
  data_end: 'void *', skb_data: 'void *', skb_data_end: 'void *', optval: 'void *', optval_end: 'void *',
}
const numbers: Readonly<Record<number, string>> = { 1: '__u8', 2: '__u16', 4: '__u32', 8: '__u64' }

const memberOf = ({ name, offset, size }: ContextField): string => {
  const at = `@${offset} `
  if (name === 'regs') return `${at}struct pt_regs regs`
  if (size === 8 && Object.hasOwn(pointers, name)) return `${at}${pointers[name]}${name}`
  const type = numbers[size]
  return type === undefined ? `${at}__u32 ${name}[${size / 4}]` : `${at}${type} ${name}`
}

/** Fields that some programs read and others write are in the table twice. */
const bodyOf = (fields: readonly ContextField[]): string =>
  [...new Map(fields.map((field) => [field.name, memberOf(field)])).values()].join('; ')

/** Headers of packets, which programs read out of the bytes of a packet. */
const headers: Readonly<Record<string, string>> = {
  iphdr:
    '__u8 ihl:4; __u8 version:4; __u8 tos; __be16 tot_len; __be16 id; __be16 frag_off; __u8 ttl; __u8 protocol; ' +
    '__sum16 check; __be32 saddr; __be32 daddr',
  ipv6hdr:
    '__u8 priority:4; __u8 version:4; __u8 flow_lbl[3]; __be16 payload_len; __u8 nexthdr; __u8 hop_limit; ' +
    'struct in6_addr saddr; struct in6_addr daddr',
  tcphdr:
    '__be16 source; __be16 dest; __be32 seq; __be32 ack_seq; __u16 res1:4; __u16 doff:4; __u16 fin:1; __u16 syn:1; ' +
    '__u16 rst:1; __u16 psh:1; __u16 ack:1; __u16 urg:1; __u16 ece:1; __u16 cwr:1; __be16 window; __sum16 check; ' +
    '__be16 urg_ptr',
  udphdr: '__be16 source; __be16 dest; __be16 len; __sum16 check',
}

/** By `struct name`, as C members. */
export const contextStructs = (): [name: string, body: string][] => [
  ...Object.entries(tables).map(([name, table]): [string, string] => [`struct ${name}`, bodyOf(contextFields[table])]),
  ...Object.entries(headers).map(([name, body]): [string, string] => [`struct ${name}`, body]),
  ['struct bpf_flow_keys',
    '__u16 nhoff; __u16 thoff; __u16 addr_proto; __u8 is_frag; __u8 is_first_frag; __u8 is_encap; __u8 ip_proto; ' +
    '__be16 n_proto; __be16 sport; __be16 dport; @16 __be32 ipv4_src; @20 __be32 ipv4_dst; @16 __u32 ipv6_src[4]; ' +
    '@32 __u32 ipv6_dst[4]; @48 __u32 flags; @52 __be32 flow_label'],
]
