/** All modules, which are written for ABI 1.0, on the hooks of 6.12, 6.18 and 7.3: one session, one outcome. */
import {
  AF_UNIX, AT_FDCWD, BPF_MAP_CREATE, O_CREAT, O_RDONLY, O_WRONLY, PR_SET_SECUREBITS, SECURE_NOROOT, SOCK_DGRAM,
  SOL_SOCKET, SO_PASSSEC,
} from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor/text'
import { bpf } from '@lsmkit/bpf'
import { currentLabel, profiles } from '@lsmkit/core'
import type { AuditRecord, Lsm, Profile } from '@lsmkit/core'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'
import { expect, test } from 'vitest'
import { bootOn, stackWith } from '../kernel.ts'
import { policy } from '../label-policy.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const bytes = (value: unknown): string => (value instanceof Uint8Array ? decoder.decode(value) : String(value))

/** Labels, files, sockets, tasks and a map, by whoever the modules say process 1 is. */
const session = (lsms: readonly Lsm[], profile: Profile) => {
  const records: AuditRecord[] = []
  const stack = stackWith(lsms, { profile, onAudit: (record) => records.push(record), audit: {} })
  const { sys, init, machine } = bootOn(stack)
  const answers: unknown[] = [currentLabel(stack.lsm), stack.names]
  const open = (path: string, flags: number): number => sys.openat(init, AT_FDCWD, path, flags, 0o644)
  sys.close(init, open('/a', O_CREAT | O_WRONLY))
  const list = new Uint8Array(400)
  const labels = sys.listxattr(init, '/a', list)
  answers.push(labels, decoder.decode(list.subarray(0, Math.max(labels, 0))))
  for (const name of ['security.selinux', 'security.SMACK64']) {
    const value = new Uint8Array(100)
    const length = sys.lgetxattr(init, '/a', name, value)
    answers.push(length, decoder.decode(value.subarray(0, Math.max(length, 0))))
  }
  const sockets: number[] = []
  answers.push(sys.socketpair(init, AF_UNIX, SOCK_DGRAM, 0, sockets))
  answers.push(sys.setsockopt(init, sockets[1]!, SOL_SOCKET, SO_PASSSEC, 1, 4))
  const plain = { msg_name: null, msg_control: null, msg_flags: 0 }
  answers.push(sys.sendmsg(init, sockets[0]!, { ...plain, msg_iov: [encoder.encode('x')] }, 0))
  const got = { ...plain, msg_iov: [new Uint8Array(9)], msg_control: [] as { data: unknown }[] }
  answers.push(sys.recvmsg(init, sockets[1]!, got as never, 0), got.msg_control.map(({ data }) => bytes(data)))
  const child = machine.tasks.find(sys.fork(init))!
  answers.push(sys.setresuid(child, 1000, 1000, 1000), sys.kill(child, 1, 0))
  answers.push(sys.prctl(child, PR_SET_SECUREBITS, SECURE_NOROOT, 0, 0, 0))
  answers.push(sys.openat(child, AT_FDCWD, '/a', O_RDONLY, 0), sys.bpf(child, BPF_MAP_CREATE, new Uint8Array(72), 72))
  return { answers, records: records.map((record) => ({ ...record, serial: 0, time: 0 })) }
}

test.each<[name: string, label: string | null, lsms: () => readonly Lsm[]]>([
  ['selinux', 'u:r:kernel_t:s0', () => [selinux({ policy: policy() })]],
  ['smack', '_', () => [smack({ load: 'Guest Kept rx' })]],
  ['apparmor', 'unconfined', () => [apparmor({ profiles: 'profile reader /usr/bin/read* { /** r, }\n' })]],
  ['the others', null, () => [landlock(), yama(), loadpin(), lockdown(), safesetid(), bpf()]],
])('%s', (_name, label, lsms) => {
  const [base, ...later] = profiles.map((profile) => session(lsms(), profile))
  const { answers } = base!
  expect([answers[0], answers[1]]).toEqual([label, expect.arrayContaining(lsms().map(({ name }) => name))])
  const isLabelled = label !== null && label !== 'unconfined'
  // listxattr, SO_PASSSEC
  expect([Number(answers[2]) > 0, answers[12]]).toEqual([isLabelled, isLabelled ? [label] : []])
  for (const outcome of later) expect(outcome).toEqual(base)
})
