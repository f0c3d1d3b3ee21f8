/** Audit records straight from the kernel, as they are multicast to readers. Needs CAP_AUDIT_READ. */
import { EAGAIN, EINTR, errnoName, MSG_DONTWAIT } from '@lsmkit/abi'
import { NativeError } from '../native-error.ts'
import { hostSystem } from '../sys/system.ts'
import type { System } from '../sys/system.ts'
import { readAuditEvents } from './audit-events.ts'
import type { AuditEvent } from './audit-events.ts'

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0o2000000
const NETLINK_AUDIT = 9
const AUDIT_NLGRP_READLOG = 1
/** `struct nlmsghdr`. */
const HEADER = 16
const MOST = 65_536

/** `struct sockaddr_nl` of the group. */
const address = (): Uint8Array => {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, AF_NETLINK, true)
  view.setUint32(8, 1 << (AUDIT_NLGRP_READLOG - 1), true)
  return bytes
}

export class KernelAudit {
  readonly #system: System
  readonly #fd: number
  readonly #bytes = Buffer.alloc(MOST)
  #lines: string[] = []

  /** Throws NativeError `unsupported` without the right to read. */
  constructor(system: System) {
    this.#system = system
    this.#fd = system.call('socket', AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_AUDIT)
    const own = address()
    const rc = this.#fd < 0 ? this.#fd : system.call('bind', this.#fd, own, own.length)
    if (rc >= 0) return
    if (this.#fd >= 0) system.call('close', this.#fd)
    throw new NativeError('unsupported', `the records of the kernel cannot be read: ${errnoName(rc)}`, {
      place: 'audit', hint: 'CAP_AUDIT_READ, or a file of auditd',
    })
  }

  /** Takes what has come. A socket that is not read loses records. */
  drain(): void {
    for (;;) {
      const length = this.#system.call('recvfrom', this.#fd, this.#bytes, MOST, MSG_DONTWAIT)
      // ENOBUFS: some were lost, and later ones are there
      if (length === -EAGAIN || length === -EINTR || length === 0) return
      if (length > HEADER) this.#lines.push(this.#bytes.toString('latin1', HEADER, length).replace(/\0.*$/s, ''))
      else if (length < 0 && this.#lines.length >= MOST) return
    }
  }

  /** The refusals of Landlock since the last call. */
  events(): AuditEvent[] {
    this.drain()
    const events = readAuditEvents(this.#lines)
    this.#lines = []
    return events
  }

  close(): void {
    this.#system.call('close', this.#fd)
  }
}

/** Throws NativeError `unsupported` where this process may not read them. */
export const openKernelAudit = (): KernelAudit => new KernelAudit(hostSystem())
