/** Records as the kernel's audit prints them, and the part of such a line that LSMs share (security/lsm_audit.c). */
import { AF_INET, AF_INET6, auditTypeName, errnoName, oneLine } from '@lsmkit/abi'
import type { Task } from '../objects/task.ts'
import type { AuditObject, NetEnds } from './object.ts'
import type { AuditDetails, AuditRecord, Stamp, Subject } from './record.ts'
import { sentence, untrusted } from './untrusted.ts'

/** `type=AVC msg=audit(1700000000.123:45): …`, one line without its end. */
export const kernelText = (record: AuditRecord): string =>
  oneLine(`type=${typeName(record)} msg=${stampText(record)}: ${bodyText(record)}`, Infinity)

/** `audit(seconds.milliseconds:serial)`. */
export const stampText = ({ time, serial }: Stamp): string => {
  const ms = Math.floor(time)
  return `audit(${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}:${serial})`
}

/** Records of the framework's own have no number in the kernel; their names say what they are. */
const typeName = (record: AuditRecord): string => {
  switch (record.kind) {
    case 'text':
      return auditTypeName(record.type)
    case 'denial':
      return 'LSM_DENIED'
    case 'would-deny':
      return 'LSM_WOULD_DENY'
    case 'allow':
      return 'LSM_GRANTED'
    case 'fault':
      return 'LSM_FAULT'
  }
}

const bodyText = (record: AuditRecord): string => {
  switch (record.kind) {
    case 'text':
      return record.text
    case 'denial':
    case 'would-deny': {
      const why = record.reason === null ? '' : ` reason=${sentence(record.reason)}`
      const error = ` error=${errnoName(record.rc)}`
      const permissive = record.kind === 'would-deny' ? ' permissive=1' : ''
      return `lsm=${record.lsm} ${decisionText(record)}${error}${permissive}${why}${detailsText(record.details)}`
    }
    case 'allow':
      return `${decisionText(record)} rc=${record.rc}`
    case 'fault':
      return `lsm=${record.lsm} ${decisionText(record)} fault=${record.fault} message=${sentence(record.message)}`
  }
}

const decisionText = ({ hook, subject, object, args }: Exclude<AuditRecord, { kind: 'text' }>): string =>
  `hook=${hook}${subjectText(subject)}${object === null ? '' : objectText(object)}${detailsText(args)}`

const subjectText = (subject: Subject): string => {
  const { pid, tid, comm, auid, uid, gid, euid, egid, fsuid, fsgid, ses, label } = subject
  const ids = `auid=${auid} uid=${uid} gid=${gid} euid=${euid} egid=${egid} fsuid=${fsuid} fsgid=${fsgid} ses=${ses}`
  return ` pid=${pid} tid=${tid} comm=${untrusted(comm)} ${ids}${label === null ? '' : ` subj=${label}`}`
}

const detailsText = (details: AuditDetails | null): string =>
  Object.entries(details ?? {})
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? untrusted(value) : value}`)
    .join('')

/** As `dump_common_audit_data`: ` pid= comm=` of the task, then the object. The blank behind some is the kernel's. */
export const commonText = (task: Pick<Task, 'tgid' | 'comm'>, object: AuditObject | null): string =>
  ` pid=${task.tgid} comm=${untrusted(task.comm)}${object === null ? '' : objectText(object)}`

/** The object's part of a line, with a blank in front. */
export const objectText = (object: AuditObject): string => {
  switch (object.kind) {
    case 'path':
    case 'file':
      return ` path=${untrusted(object.path)}${placeText(object)}`
    case 'ioctl_op':
      return ` path=${untrusted(object.path)}${placeText(object)} ioctlcmd=0x${(object.cmd & 0xffff).toString(16)}`
    case 'dentry':
      return ` name=${untrusted(object.name)}${placeText(object)}`
    case 'inode':
      return `${object.name === null ? '' : ` name=${untrusted(object.name)}`}${placeText(object)}`
    case 'super_block':
      return ` dev=${untrusted(object.dev)}`
    case 'task':
      return object.pid === 0 ? '' : ` opid=${object.pid} ocomm=${untrusted(object.comm)}`
    case 'net':
      return netText(object)
    case 'ipc':
      return ` ipc_key=${object.key} `
    case 'cap':
      return ` capability=${object.cap} `
    case 'key':
      return ` key_serial=${object.serial}${descriptionText(object.description)}`
    case 'kmod':
      return ` kmod=${untrusted(object.name)}`
    case 'ibpkey':
      return ` pkey=0x${object.pkey.toString(16)} subnet_prefix=${object.subnet_prefix}`
    case 'ibendport':
      return ` device=${object.device} port_num=${object.port}`
    case 'lockdown':
      return ` lockdown_reason="${object.reason}"`
    case 'anon_inode':
      return ` anonclass=${object.anonclass}`
    case 'nlmsgtype':
      return ` nl-msgtype=${object.nlmsg_type}`
  }
}

const descriptionText = (text: string): string => (text === '' ? '' : ` key_desc=${untrusted(text)}`)

const placeText = ({ dev, ino }: { readonly dev: string | null; readonly ino: number | null }): string =>
  dev === null ? '' : ` dev=${untrusted(dev)} ino=${ino}`

const netText = (net: NetEnds): string => {
  const inet = ends(net.laddr, net.lport, 'laddr', 'lport') + ends(net.faddr, net.fport, 'faddr', 'fport')
  const own = net.path === null ? inet : ` path=${untrusted(net.path)}`
  const isInet = net.family === AF_INET || net.family === AF_INET6
  const packet = isInet ? ends(net.saddr, net.source, 'saddr', 'src') + ends(net.daddr, net.dest, 'daddr', 'dest') : ''
  return `${own}${packet}${net.netif === '' ? '' : ` netif=${net.netif}`}`
}

const unspecified = new Set(['', '0.0.0.0', '::'])
const ends = (addr: string, port: number, addrName: string, portName: string): string =>
  `${unspecified.has(addr) ? '' : ` ${addrName}=${addr}`}${port === 0 ? '' : ` ${portName}=${port}`}`
