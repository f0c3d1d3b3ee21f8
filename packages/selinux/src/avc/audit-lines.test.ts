/** Records of a real kernel, taken apart and put together again; and those of policy errors, provoked again. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  AF_INET, AF_UNIX, AUDIT_AVC, AUDIT_MAC_CONFIG_CHANGE, AUDIT_MAC_POLICY_LOAD, AUDIT_SELINUX_ERR, auditTypeName,
} from '@lsmkit/abi'
import { commonText, kernelText, untrusted } from '@lsmkit/core'
import type { AuditObject } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { classMap, kernelClasses, SECCLASS } from '../class-map.ts'
import type { ClassName } from '../class-map.ts'
import {
  CEXPR_NAMES, CEXPR_NEQ, CEXPR_OR, CEXPR_TARGET, CEXPR_TYPE, Ebitmap, readPolicy, writePolicy,
} from '../policydb/index.ts'
import { AvDecision, SecurityServer } from '../server/index.ts'
import { avcText } from './avc-text.ts'
import { booleanText, invalidContextText, loadText } from './mac-text.ts'

const golden = new URL('../../../../../shared/golden/', import.meta.url)
const lines = new URL('selinux-audit-lines.tsv.gz', golden)
const policyFile = new URL('selinux/ops-policy.bin', golden)
const isThere = existsSync(lines) && existsSync(policyFile)

interface Line {
  readonly policy: string
  readonly record: string
  readonly text: string
}

const rows: readonly Line[] = !isThere ? [] : gunzipSync(readFileSync(lines)).toString().trim().split('\n').slice(1)
  .map((line) => {
    const [, policy, , record, text] = line.split('\t')
    return { policy: policy!, record: record!, text: text! }
  })

const STAMP = /^audit\((\d+)\.(\d+):(\d+)\): (.*)$/s
/** The line with the stamp taken apart and its text put together by `make`. */
const rebuilt = (line: string, type: number, make: (text: string) => string): string => {
  const [, seconds, ms, serial, text] = STAMP.exec(line)!
  const time = Number(seconds) * 1000 + Number(ms)
  const body = make(text!)
  return kernelText({ kind: 'text', lsm: 'selinux', type, time, serial: Number(serial), text: body, details: null })
}

const fieldsOf = (text: string): Map<string, string> =>
  new Map(Array.from(text.matchAll(/(\S+?)=("[^"]*"|\S*)/g), ([, key, value]) => [key!, value!]))
const unquote = (value: string): string => {
  if (value.startsWith('"')) return value.slice(1, -1)
  return new TextDecoder().decode(Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
}

/** What the record is about, as core describes it. */
const objectOf = (fields: ReadonlyMap<string, string>): AuditObject | null => {
  const text = (name: string): string | null => (fields.has(name) ? unquote(fields.get(name)!) : null)
  const number = (name: string): number => Number(fields.get(name) ?? 0)
  const place = { dev: text('dev'), ino: fields.has('ino') ? number('ino') : null }
  if (fields.has('ioctlcmd')) return { kind: 'ioctl_op', path: text('path')!, cmd: number('ioctlcmd'), ...place }
  if (fields.has('capability')) return { kind: 'cap', cap: number('capability') }
  if (fields.has('ipc_key')) return { kind: 'ipc', key: number('ipc_key') }
  if (fields.has('anonclass')) return { kind: 'anon_inode', anonclass: fields.get('anonclass')! }
  if (fields.has('kmod')) return { kind: 'kmod', name: text('kmod')! }
  const ends = ['laddr', 'lport', 'faddr', 'fport', 'saddr', 'src', 'daddr', 'dest', 'netif']
  const isUnix = fields.has('path') && place.dev === null
  if (isUnix || ends.some((name) => fields.has(name))) {
    return {
      kind: 'net', family: isUnix ? AF_UNIX : AF_INET, path: text('path'),
      laddr: fields.get('laddr') ?? '', lport: number('lport'), faddr: fields.get('faddr') ?? '',
      fport: number('fport'),
      saddr: fields.get('saddr') ?? '', source: number('src'), daddr: fields.get('daddr') ?? '', dest: number('dest'),
      netif: fields.get('netif') ?? '',
    }
  }
  if (fields.has('path')) return { kind: 'file', path: text('path')!, ...place }
  if (fields.has('name')) return { kind: 'inode', name: text('name'), ...place }
  return fields.has('dev') ? { kind: 'inode', name: null, ...place } : null
}

const avcAgain = (text: string): string => {
  const [, decision, perms, rest] = /^avc: {2}(\w+) {2}\{ (.*?) \} for {2}(.*)$/.exec(text)!
  const fields = fieldsOf(rest!)
  const tclassName = fields.get('tclass') as ClassName
  const names: readonly string[] = classMap[tclassName]
  const audited = perms!.split(' ').reduce((bits, perm) => bits | (1 << names.indexOf(perm)), 0)
  const task = { tgid: Number(fields.get('pid')), comm: unquote(fields.get('comm')!) }
  return avcText({
    denied: decision === 'denied', tclass: SECCLASS[tclassName], audited, common: commonText(task, objectOf(fields)),
    scontext: fields.get('scontext')!, tcontext: fields.get('tcontext')!, tclassName,
    permissive: fields.get('permissive') === '1', srawcon: null, trawcon: null,
  })
}

/** A server under the recorded policy, from which a permission may have been taken as the row says. */
const serverOf = (row: Line, reports: string[]): SecurityServer => {
  const db = readPolicy(readFileSync(policyFile))
  const [, source, target, tclass, perm] = /^without (\w+) (\w+) (\w+) (\w+)$/.exec(row.policy) ?? []
  if (source !== undefined) {
    const valueOf = (name: string): number => db.types.items.find((type) => type.name === name)!.value
    const not = (attribute: number, value: number) => ({
      kind: CEXPR_NAMES, attribute, operator: CEXPR_NEQ, names: Ebitmap.of([value - 1]),
      typeSet: { types: Ebitmap.of([value - 1]), negated: Ebitmap.empty, flags: 0 },
    })
    const bit = (classMap[tclass as ClassName] as readonly string[]).indexOf(perm!)
    db.classes.items.find(({ name }) => name === tclass)!.constraints.push({
      permissions: 1 << bit,
      expression: [
        not(CEXPR_TYPE, valueOf(source)), not(CEXPR_TYPE | CEXPR_TARGET, valueOf(target!)),
        { kind: CEXPR_OR, attribute: 0, operator: 0, names: null, typeSet: null },
      ],
    })
  }
  const server = new SecurityServer({ mode: 'kernel', report: (text) => void reports.push(text) })
  server.setClassMap(kernelClasses)
  server.load(writePolicy(db))
  return server
}

/** Provokes the error again, and gives what the server reports. */
const errorAgain = (row: Line) => (text: string): string => {
  const fields = fieldsOf(text)
  const reports: string[] = []
  const server = serverOf(row, reports)
  const sid = (name: string): number => server.contextToSid(fields.get(name)!)
  const tclass = SECCLASS[fields.get('tclass') as ClassName]
  switch (fields.get('op')) {
    case 'security_compute_sid':
      server.transitionSid(sid('scontext'), sid('tcontext'), tclass)
      break
    case 'security_bounded_transition':
      server.boundedTransition(sid('oldcontext'), sid('newcontext'))
      break
    case 'security_validate_transition':
      server.validateTransition(sid('oldcontext'), sid('newcontext'), sid('taskcontext'), tclass)
      break
    case 'security_compute_av':
      server.computeAv(sid('scontext'), sid('tcontext'), tclass, new AvDecision())
      break
    case 'fscreate':
      return invalidContextText('fscreate', untrusted(unquote(fields.get('invalid_context')!)))
  }
  return reports.join('; ')
}

const sessionOf = (fields: ReadonlyMap<string, string>) =>
  ({ loginuid: Number(fields.get('auid')), sessionid: Number(fields.get('ses')) })

const again = (row: Line): string => {
  switch (row.record) {
    case 'AVC':
      return rebuilt(row.text, AUDIT_AVC, avcAgain)
    case 'SELINUX_ERR':
      return rebuilt(row.text, AUDIT_SELINUX_ERR, errorAgain(row))
    case 'MAC_POLICY_LOAD':
      return rebuilt(row.text, AUDIT_MAC_POLICY_LOAD, (text) => loadText(sessionOf(fieldsOf(text))))
    case 'MAC_CONFIG_CHANGE':
      return rebuilt(row.text, AUDIT_MAC_CONFIG_CHANGE, (text) => {
        const fields = fieldsOf(text)
        const is = (name: string): boolean => fields.get(name) === '1'
        return booleanText(sessionOf(fields), fields.get('bool')!, is('val'), is('old_val'))
      })
    default:
      return `no record of type ${row.record}`
  }
}

describe('the lines of a real kernel', () => {
  test.skipIf(!isThere)('are reproduced from their parts, byte for byte (skipped without ../shared)', () => {
    expect(rows.length).toBeGreaterThan(4000)
    const differing = rows
      .map((row) => ({ expected: `type=${row.record} msg=${row.text}`, got: again(row) }))
      .filter(({ expected, got }) => expected !== got)
    expect(differing).toEqual([])
  })

  test.skipIf(!isThere)('are of types that audit knows by name (skipped without ../shared)', () => {
    const names = [AUDIT_AVC, AUDIT_SELINUX_ERR, AUDIT_MAC_POLICY_LOAD, AUDIT_MAC_CONFIG_CHANGE].map(auditTypeName)
    expect(new Set(rows.map(({ record }) => record))).toEqual(new Set(names))
  })
})
