/** Scenarios from text: what each field may say. */
import { capByName, capValid, errnoName } from '@lsmkit/abi'
import { didYouMean, profiles } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { defaultSysctl } from '@lsmkit/kernel'
import { calls } from './calls.ts'
import { BARE, EXPECT, IDENTITY, KINDS, OBJECT, STEP, TOP } from './fields.ts'
import { STAT_FIELDS } from './scenario.ts'
import type { Expectation, IdentitySpec, Label, ObjectSpec, Scenario, Step, WriteSpec } from './scenario.ts'
import { Source } from './source.ts'
import type { Way } from './source.ts'

const errnoNames = new Set(
  Array.from({ length: 133 }, (_, i) => errnoName(-(i + 1))).filter((name) => name.startsWith('E')),
)

const optional = <T>(value: unknown, of: () => T): T | null => (value === undefined || value === null ? null : of())

/** YAML reads `6.12` as a number. */
const kernelOf = (source: Source, value: unknown): Profile => {
  const text = typeof value === 'number' ? String(value) : source.text(value, ['kernel'])
  return profiles.find((one) => one === text) ??
    source.fail(['kernel'], `there are no rules of the kernel \`${text}\``, `known: ${profiles.join(', ')}`)
}

/** A text, or texts by LSM. */
const labelOf = (source: Source, value: unknown, way: Way, lsms: readonly string[]): Label => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return source.text(value, way)
  source.fields(value, way, lsms)
  return source.texts(value, way)
}

const objectOf = (source: Source, [path, given]: [string, unknown], lsms: readonly string[]): ObjectSpec => {
  const way = ['objects', path]
  const fields = typeof given === 'string' ? { file: given } : source.fields(given, way, OBJECT)
  const kinds = KINDS.filter((kind) => fields[kind] !== undefined)
  if (kinds.length !== 1) source.fail(way, `\`${path}\` is one of ${KINDS.join(', ')}`)
  const kind = kinds[0]!
  const value = fields[kind]
  const isBare = BARE.includes(kind)
  if (isBare && value !== true) source.fail([...way, kind], `\`${kind}\` is true`)
  return {
    path,
    kind,
    value: isBare ? '' : source.text(value ?? '', [...way, kind]),
    mode: optional(fields.mode, () => source.number(fields.mode, [...way, 'mode'])),
    uid: optional(fields.uid, () => source.number(fields.uid, [...way, 'uid'])),
    gid: optional(fields.gid, () => source.number(fields.gid, [...way, 'gid'])),
    label: optional(fields.label, () => labelOf(source, fields.label, [...way, 'label'], lsms)),
    xattrs: source.texts(fields.xattrs, [...way, 'xattrs']),
    place: source.place(way),
  }
}

const capOf = (source: Source, value: unknown, way: Way): number => {
  const cap = capByName(source.text(value, way))
  return cap === undefined || !capValid(cap) ? source.fail(way, `there is no capability \`${value}\``) : cap
}

const identityOf = (source: Source, [who, given]: [string, unknown], lsms: readonly string[]): IdentitySpec => {
  const way = ['identities', who]
  if (who === 'init') source.fail(way, '`init` is process 1, and there without being named')
  const fields = source.fields(given, way, IDENTITY)
  const uid = fields.uid === undefined ? 0 : source.number(fields.uid, [...way, 'uid'])
  return {
    name: who,
    uid,
    gid: fields.gid === undefined ? uid : source.number(fields.gid, [...way, 'gid']),
    groups: source.list(fields.groups, [...way, 'groups']).map((each) => source.number(each, [...way, 'groups'])),
    caps: optional(fields.caps, () =>
      source.list(fields.caps, [...way, 'caps']).map((each, i) => capOf(source, each, [...way, 'caps', i]))),
    label: optional(fields.label, () => labelOf(source, fields.label, [...way, 'label'], lsms)),
    place: source.place(way),
  }
}

const writeOf = (source: Source, [path, given]: [string, unknown]): WriteSpec[] => {
  const way = ['write', path]
  return [given].flat().map((each) => ({ path, text: source.text(each, way), place: source.place(way) }))
}

const stepOf = (source: Source, given: unknown, i: number, lsms: readonly string[]): Step => {
  const way: Way = ['steps', i]
  const fields = source.fields(given, way, null)
  const named = Object.keys(fields).filter((field) => !STEP.includes(field))
  const odd = named.length > 1 ? named.find((field) => !Object.hasOwn(calls, field)) : undefined
  if (odd !== undefined) {
    const hint = didYouMean(odd, [...STEP, ...Object.keys(calls)])
    source.fail([...way, odd], `there is no field \`${odd}\``, hint, 'unknown-field')
  }
  if (named.length !== 1) source.fail(way, 'a step makes one system call', 'open: [/etc/passwd, O_RDONLY]')
  const call = named[0]!
  if (!Object.hasOwn(calls, call)) {
    const hint = didYouMean(call, [...Object.keys(calls), ...STEP])
    source.fail([...way, call], `there is no system call \`${call}\` in scenarios`, hint, 'unknown-field')
  }
  return {
    as: fields.as === undefined ? 'init' : source.text(fields.as, [...way, 'as']),
    call,
    args: Array.isArray(fields[call]) ? fields[call] : fields[call] === null ? [] : [fields[call]],
    save: fields.save === undefined ? [] : source.names(fields.save, [...way, 'save']),
    expect: expectOf(source, fields.expect, [...way, 'expect'], lsms),
    place: source.place(way),
  }
}

const errnoOf = (source: Source, value: unknown, way: Way): string | null => {
  const wanted = source.text(value, way)
  if (wanted === 'ok') return null
  if (wanted !== 'BLOCKS' && !errnoNames.has(wanted)) {
    source.fail(way, `there is no errno \`${wanted}\``, didYouMean(wanted, errnoNames))
  }
  return wanted
}

const resultOf = (source: Source, value: unknown, way: Way): number => {
  const rc = source.number(value, way)
  return rc >= 0 ? rc : source.fail(way, `no call that succeeds answers ${rc}`, `it fails with \`${errnoName(rc)}\`?`)
}

const statOf = (source: Source, given: unknown, way: Way): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(source.fields(given, way, STAT_FIELDS)).map(
    ([field, value]) => [field, source.number(value, [...way, field])]))

const expectOf = (source: Source, given: unknown, way: Way, lsms: readonly string[]): Expectation => {
  const short = typeof given === 'string' ? { errno: given } : typeof given === 'number' ? { rc: given } : given
  const fields = source.fields(short, way, EXPECT)
  const errno = optional(fields.errno, () => errnoOf(source, fields.errno, [...way, 'errno']))
  const rc = optional(fields.rc, () => resultOf(source, fields.rc, short === given ? [...way, 'rc'] : way))
  if (errno !== null && rc !== null) source.fail(way, 'a call fails with `errno` or answers `rc`, not both')
  const one = (field: string): string | null =>
    optional(fields[field], () => source.text(fields[field], [...way, field]))
  return {
    errno,
    rc,
    data: one('data'),
    stat: optional(fields.stat, () => statOf(source, fields.stat, [...way, 'stat'])),
    by: one('by'),
    hook: one('hook'),
    label: Object.fromEntries(Object.entries(source.fields(fields.label, [...way, 'label'], null)).map(
      ([of, label]) => [of, labelOf(source, label, [...way, 'label', of], lsms)])),
    audit: optional(fields.audit, () => source.names([fields.audit].flat(), [...way, 'audit'])),
  }
}

/** Throws ScenarioError, with the place, for anything that is not a scenario. `name` is how the text is called. */
export const parseScenario = (text: string, name = 'scenario'): Scenario => {
  const source = new Source(name, text)
  const top = source.fields(source.value, [], TOP)
  const lsms = top.lsms === undefined ? ['capability'] : source.names(top.lsms, ['lsms'])
  const permissive = top.permissive === undefined ? [] : source.names(top.permissive, ['permissive'])
  for (const lsm of permissive) {
    if (lsms.includes(lsm)) continue
    source.fail(['permissive'], `\`${lsm}\` is none of its \`lsms\``, didYouMean(lsm, lsms), 'unknown-lsm')
  }
  const options = source.fields(top.options, ['options'], lsms)
  const sysctl = source.fields(top.sysctl, ['sysctl'], Object.keys(defaultSysctl()))
  const steps = source.list(top.steps, ['steps'])
  if (steps.length === 0) source.fail(['steps'], 'there are no `steps`: nothing is done')
  const entriesOf = (field: 'objects' | 'identities' | 'write') =>
    Object.entries(source.fields(top[field], [field], null))
  return {
    title: top.scenario === undefined ? name : source.text(top.scenario, ['scenario']),
    lsms,
    permissive,
    options: Object.fromEntries(
      Object.entries(options).map(([lsm, of]) => [lsm, source.fields(of, ['options', lsm], null)]),
    ),
    cmdline: optional(top.cmdline, () => source.text(top.cmdline, ['cmdline'])),
    kernel: optional(top.kernel, () => kernelOf(source, top.kernel)),
    sysctl: Object.fromEntries(Object.entries(sysctl).map(([key, of]) => [key, source.number(of, ['sysctl', key])])),
    objects: entriesOf('objects').map((entry) => objectOf(source, entry, lsms)),
    identities: entriesOf('identities').map((entry) => identityOf(source, entry, lsms)),
    write: entriesOf('write').flatMap((entry) => writeOf(source, entry)),
    steps: steps.map((step, i) => stepOf(source, step, i, lsms)),
    place: source.place(['lsms']),
  }
}
