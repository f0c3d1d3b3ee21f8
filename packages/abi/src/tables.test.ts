/** Every table of names: how many it has, that numbers are unique, and that both directions agree. */
import { describe, expect, test } from 'vitest'
import * as abi from './index.ts'
import type { NameTable } from './index.ts'

const tables: [name: string, table: NameTable, count: number, samples: Record<string, number>][] = [
  ['errno', abi.errnoTable, 150, { EPERM: 1, EHWPOISON: 133, ENOPARAM: 519, ENOTSUPP: 524 }],
  ['capability', abi.capTable, 41, { CAP_CHOWN: 0, CAP_CHECKPOINT_RESTORE: 40 }],
  ['signal', abi.signalTable, 31, { SIGHUP: 1, SIGKILL: 9, SIGSYS: 31 }],
  ['syscall', abi.syscallTable, 375, { SYS_read: 0, SYS_rseq: 334, SYS_mseal: 462 }],
  ['LSM id', abi.lsmIdTable, 15, { LSM_ID_CAPABILITY: 100, LSM_ID_IPE: 113 }],
  ['LSM attribute', abi.lsmAttrTable, 7, { LSM_ATTR_CURRENT: 100, LSM_ATTR_SOCKCREATE: 105 }],
  ['lockdown', abi.lockdownTable, 31, { LOCKDOWN_NONE: 0, LOCKDOWN_CONFIDENTIALITY_MAX: 30 }],
  ['MAY_', abi.mayTable, 8, { MAY_EXEC: 1, MAY_NOT_BLOCK: 0x80 }],
  ['open flag', abi.openFlagTable, 18, { O_CREAT: 0o100, O_PATH: 0o10000000 }],
  ['address family', abi.addressFamilyTable, 46, { AF_UNIX: 1, AF_INET6: 10, AF_MCTP: 45 }],
  ['socket type', abi.socketTypeTable, 7, { SOCK_STREAM: 1, SOCK_PACKET: 10 }],
  ['audit type', abi.auditTypeTable, 101, { AUDIT_AVC: 1400, AUDIT_BPF: 1334, AUDIT_KERNEL: 2000 }],
  ['BPF helper', abi.bpfHelperTable, 212, { BPF_FUNC_unspec: 0, BPF_FUNC_cgrp_storage_delete: 211 }],
  ['BPF map type', abi.bpfMapTypeTable, 34, { BPF_MAP_TYPE_HASH: 1, BPF_MAP_TYPE_ARENA: 33 }],
  ['BPF program type', abi.bpfProgTypeTable, 33, { BPF_PROG_TYPE_LSM: 29, BPF_PROG_TYPE_NETFILTER: 32 }],
  ['BPF attach type', abi.bpfAttachTypeTable, 57, {
    BPF_LSM_MAC: 27,
    BPF_LSM_CGROUP: 43,
    BPF_TRACE_KPROBE_SESSION: 56,
  }],
  ['BPF link type', abi.bpfLinkTypeTable, 15, { BPF_LINK_TYPE_TRACING: 2, BPF_LINK_TYPE_SOCKMAP: 14 }],
  ['BPF command', abi.bpfCmdTable, 37, { BPF_MAP_CREATE: 0, BPF_TOKEN_CREATE: 36 }],
  ['BTF kind', abi.btfKindTable, 20, { BTF_KIND_INT: 1, BTF_KIND_ENUM64: 19 }],
  ['WASI errno', abi.wasiErrnoTable, 77, { WASI_ERRNO_SUCCESS: 0, WASI_ERRNO_NOTCAPABLE: 76 }],
  ['WASI right', abi.wasiRightsTable, 30, { WASI_RIGHTS_FD_DATASYNC: 1, WASI_RIGHTS_SOCK_ACCEPT: 1 << 29 }],
]

describe.each(tables)('%s', (_, table, count, samples) => {
  test('has every number once', () => {
    const numbers = table.entries().map(([, value]) => value)
    expect(numbers).toHaveLength(count)
    expect(new Set(numbers).size).toBe(count)
  })

  test('answers the same both ways', () => {
    for (const [name, value] of table.entries()) {
      expect(table.nameOf(value)).toBe(name)
      expect(table.numberOf(name)).toBe(value)
    }
  })

  test("has the kernel's numbers", () => {
    const names = Object.keys(samples)
    expect(Object.fromEntries(names.map((name) => [name, table.numberOf(name)]))).toEqual(samples)
  })
})

test('names people read', () => {
  expect(abi.errnoName(-13)).toBe('EACCES')
  expect(abi.errnoName(13)).toBe('EACCES')
  expect(abi.errnoName(-11)).toBe('EAGAIN')
  expect(abi.errnoName(0)).toBe('0')
  expect(abi.errnoName(-4095)).toBe('-4095')
  expect(abi.errnoByName('-EWOULDBLOCK')).toBe(11)
  expect(abi.capName(21)).toBe('CAP_SYS_ADMIN')
  expect(abi.capName(63)).toBe('63')
  expect(abi.capByName('cap_setfcap')).toBe(31)
  expect(abi.capByName('cap_last_cap')).toBeUndefined()
  expect(abi.signalName(9)).toBe('SIGKILL')
  expect(abi.signalName(35)).toBe('SIGRTMIN+3')
  expect(abi.signalName(65)).toBe('65')
  expect(abi.signalByName('TERM')).toBe(15)
  expect(abi.signalByName('SIGPOLL')).toBe(29)
  expect(abi.syscallName(257)).toBe('openat')
  expect(abi.syscallName(400)).toBe('syscall_400')
  expect(abi.syscallByName('lsm_get_self_attr')).toBe(459)
  expect(abi.auditTypeName(1400)).toBe('AVC')
  expect(abi.auditTypeName(1999)).toBe('UNKNOWN[1999]')
  expect(abi.bpfHelperName(1)).toBe('bpf_map_lookup_elem')
  expect(abi.bpfHelperName(212)).toBe('unknown')
  expect(abi.bpfHelperByName('bpf_ringbuf_output')).toBe(130)
  expect(abi.bpfMapTypeName(19)).toBe('BPF_MAP_TYPE_CGROUP_STORAGE')
  expect(abi.wasiErrnoName(44)).toBe('noent')
  expect(abi.kernelReadFileName(2)).toBe('kernel-module')
  expect(abi.kernelReadFileName(7)).toBe('unknown')
})

test.each([
  [abi.MAY_READ | abi.MAY_OPEN, 'MAY_READ|MAY_OPEN'],
  [abi.MAY_EXEC | 0x100, 'MAY_EXEC|0x100'],
])('mask %i is %s', (mask, text) => {
  expect(abi.mayText(mask)).toBe(text)
})

test.each([
  [0, 'O_RDONLY'],
  [abi.O_WRONLY | abi.O_CREAT | abi.O_TRUNC, 'O_WRONLY|O_CREAT|O_TRUNC'],
  [abi.O_RDWR | abi.O_SYNC, 'O_RDWR|O_SYNC'],
  [abi.O_RDWR | abi.O_DSYNC, 'O_RDWR|O_DSYNC'],
  [abi.O_WRONLY | abi.O_TMPFILE, 'O_WRONLY|O_TMPFILE'],
  [abi.O_DIRECTORY | abi.O_CLOEXEC, 'O_RDONLY|O_DIRECTORY|O_CLOEXEC'],
  [3, 'O_ACCMODE'],
])('open flags %i are %s', (flags, text) => {
  expect(abi.openFlagsText(flags)).toBe(text)
})
