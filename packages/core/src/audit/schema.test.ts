/** docs/audit-schema.md names every field that is written. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toJson } from './json-lines.ts'
import type { AuditObject } from './object.ts'
import type { AuditRecord } from './record.ts'

const documented = new Set(
  readFileSync(new URL('../../../../docs/audit-schema.md', import.meta.url), 'utf8').match(/(?<=`)[\w-]+(?=`)/g),
)
const stamp = { serial: 1, time: 0 }
const subject = {
  pid: 1, tid: 1, comm: '', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0, label: null,
}
const place = { dev: null, ino: null }
const objects: readonly AuditObject[] = [
  { kind: 'path', path: '', ...place },
  { kind: 'file', path: '', ...place },
  { kind: 'ioctl_op', path: '', cmd: 0, ...place },
  { kind: 'dentry', name: '', path: '', ...place },
  { kind: 'inode', name: null, ...place },
  { kind: 'super_block', dev: '', fstype: '' },
  { kind: 'task', pid: 0, comm: '' },
  {
    kind: 'net', family: 0, laddr: '', lport: 0, faddr: '', fport: 0, path: null, saddr: '', source: 0, daddr: '',
    dest: 0, netif: '',
  },
  { kind: 'ipc', key: 0 },
  { kind: 'cap', cap: 0 },
  { kind: 'key', serial: 0, description: '' },
  { kind: 'kmod', name: '' },
  { kind: 'ibpkey', pkey: 0, subnet_prefix: '' },
  { kind: 'ibendport', device: '', port: 0 },
  { kind: 'lockdown', reason: '' },
  { kind: 'anon_inode', anonclass: '' },
  { kind: 'nlmsgtype', nlmsg_type: 0 },
]
const decision = { ...stamp, hook: 'file_open' as const, lsm: 'a', subject, args: {} }
const records: readonly AuditRecord[] = [
  { ...stamp, kind: 'text', lsm: 'a', type: 1400, text: '', details: null },
  { ...decision, kind: 'allow', rc: 0, object: null },
  { ...decision, kind: 'fault', fault: 'throw', message: '', object: null },
  { ...decision, kind: 'would-deny', rc: -13, object: null, reason: null, details: null },
  ...objects.map(
    (object): AuditRecord => ({ ...decision, kind: 'denial', rc: -13, object, reason: null, details: null }),
  ),
]

/** Names of all fields, inner ones too, but not the free ones of `args` and `details`. */
const fieldsOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)])
    : []

const kindOf = (record: AuditRecord): string =>
  record.kind === 'text' || !record.object ? record.kind : record.object.kind

const cases = records.map((record) => ({ record, of: kindOf(record) }))

test.each(cases)('every field of $of is documented', ({ record, of }) => {
  const missing = [of, ...fieldsOf(toJson(record))].filter((name) => !documented.has(name))
  expect(missing).toEqual([])
})
