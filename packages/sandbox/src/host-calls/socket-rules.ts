/** Which sockets a program may make, by the families of its policy: for boxes, native programs and emitted profiles. */
import {
  AF_INET, AF_INET6, AF_UNIX, EACCES, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Families } from '../allow.ts'
import type { Alternative, ArgumentRule } from './argument-rule.ts'

const SOCK_TYPE = 0xf

const internet = (type: number, protocol: number): Alternative[] =>
  [AF_INET, AF_INET6].flatMap((family) => [0, protocol].map((proto) =>
    [{ arg: 0, is: family }, { arg: 1, mask: SOCK_TYPE, is: type }, { arg: 2, is: proto }]))

/** Landlock knows no ports of MPTCP, SCTP and the like. */
export const socketRule = ({ tcp, udp, unix }: Families): ArgumentRule => ({
  call: 'socket', errno: EACCES,
  allow: [
    ...(unix ? [[{ arg: 0, is: AF_UNIX }]] : []), ...(tcp ? internet(SOCK_STREAM, IPPROTO_TCP) : []),
    ...(udp ? internet(SOCK_DGRAM, IPPROTO_UDP) : []),
  ],
})

/** A pair of streams leads nowhere. One of datagrams sends to any UNIX socket whose address a message names. */
export const pairRule = ({ unix }: Pick<Families, 'unix'>): ArgumentRule => ({
  call: 'socketpair', errno: EACCES,
  allow: unix ? [[{ arg: 0, is: AF_UNIX }]]
    : [SOCK_STREAM, SOCK_SEQPACKET].map((type) => [{ arg: 0, is: AF_UNIX }, { arg: 1, mask: SOCK_TYPE, is: type }]),
})
