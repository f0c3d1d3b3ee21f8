/** The blobs that Debian's 7.3.4 reserves for each LSM, and its initcalls. */
import { ownValue } from '@lsmkit/abi'
import type { SizedKind } from './order-record.ts'

/** Since 7.x BPF's objects have blobs too. */
export type InitKind = SizedKind | 'bpf_map' | 'bpf_prog' | 'bpf_token'
export type InitSizes = Readonly<Partial<Record<InitKind, number>>>
export type InitLevel = (typeof initLevels)[number]

/** In the order in which the kernel runs them. */
export const initLevels = ['pure', 'early', 'core', 'subsys', 'fs', 'device', 'late', 'late_sync'] as const

/** The line for each kind, in the order of the log. The kernel does write `msg_msg)_size`. */
export const sizeLines: readonly (readonly [kind: InitKind, words: string])[] = [
  ['cred', 'blob(cred) size'],
  ['file', 'blob(file) size'],
  ['backing_file', 'blob(backing_file) size'],
  ['ib', 'blob(ib) size'],
  ['inode', 'blob(inode) size'],
  ['ipc', 'blob(ipc) size'],
  ['key', 'blob(key) size'],
  ['msg_msg', 'blob(msg_msg)_size'],
  ['sock', 'blob(sock) size'],
  ['superblock', 'blob(superblock) size'],
  ['perf_event', 'blob(perf_event) size'],
  ['task', 'blob(task) size'],
  ['tun_dev', 'blob(tun_dev) size'],
  ['xattr_count', 'blob(xattr) count'],
  ['bdev', 'blob(bdev) size'],
  ['bpf_map', 'blob(bpf_map) size'],
  ['bpf_prog', 'blob(bpf_prog) size'],
  ['bpf_token', 'blob(bpf_token) size'],
]

interface InitFacts {
  readonly blobs?: InitSizes
  readonly initcalls?: readonly InitLevel[]
}

/** Debian builds no Smack: its blobs are those of the structures in the source. */
const factsOf: Readonly<Record<string, InitFacts>> = {
  selinux: {
    blobs: {
      cred: 24, file: 16, backing_file: 16, ib: 4, inode: 40, ipc: 8, key: 4, msg_msg: 4, sock: 32, superblock: 72,
      perf_event: 4, task: 112, tun_dev: 4, xattr_count: 1, bpf_map: 12, bpf_prog: 12, bpf_token: 12,
    },
    initcalls: ['device'],
  },
  smack: {
    blobs: {
      cred: 88, file: 8, inode: 32, ipc: 8, key: 8, msg_msg: 8, sock: 32, superblock: 40, xattr_count: 2,
    },
    initcalls: ['device'],
  },
  tomoyo: { blobs: { task: 16 }, initcalls: ['fs'] },
  apparmor: { blobs: { cred: 8, file: 24, sock: 24, task: 56 }, initcalls: ['fs', 'device', 'late'] },
  loadpin: { initcalls: ['fs'] },
  safesetid: { initcalls: ['fs'] },
  lockdown: { initcalls: ['core'] },
  bpf: { blobs: { inode: 8 } },
  landlock: { blobs: { cred: 11, file: 32, inode: 8, superblock: 8 } },
  ipe: { blobs: { inode: 8, superblock: 1, bdev: 16 }, initcalls: ['fs'] },
  ima: { blobs: { inode: 8 }, initcalls: ['late'] },
  evm: { blobs: { inode: 40, xattr_count: 1 }, initcalls: ['late'] },
}

/** Nothing for an LSM that the kernel does not have. */
export const initFacts = (name: string): InitFacts => ownValue(factsOf, name) ?? {}
