/** Scenarios from text: YAML or JSON, checked field by field with the line of each mistake. */
import { capByName, capValid, errnoName } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import { defaultSysctl } from '@lsmkit/kernel'
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument, visit } from 'yaml'
import type { Document, ParsedNode, YAMLMap } from 'yaml'
import { numberOf } from './arguments.ts'
import { calls } from './calls.ts'
import { ScenarioError } from './errors.ts'
import type { ScenarioCode } from './errors.ts'
import { BARE, EXPECT, IDENTITY, KINDS, OBJECT, STEP, TOP } from './fields.ts'
import { STAT_FIELDS } from './scenario.ts'
import type { Expectation, IdentitySpec, ObjectSpec, Scenario, Step, WriteSpec } from './scenario.ts'

type Fields = Readonly<Record<string, unknown>>
type Way = readonly (string | number)[]

/** Maps inside one another; a scenario has five. */
const DEEPEST = 100
const TOO_DEEP = 'lists and maps too deep inside one another'

/** One file and where its parts stand. */
class Source {
  private readonly name: string
  private readonly doc: Document.Parsed
  private readonly lines = new LineCounter()
  private readonly fieldsOf = new Map<unknown, ReadonlyMap<unknown, ParsedNode | null>>()

  constructor(name: string, text: string) {
    this.name = name
    // the parser compares each key with all before it; `index` asks a map
    this.doc = parseDocument(text, {
      lineCounter: this.lines, prettyErrors: false, logLevel: 'silent', merge: true, uniqueKeys: false,
    })
    const [error] = this.doc.errors
    if (error !== undefined) this.noYaml(/call stack/.test(error.message) ? TOO_DEEP : error.message, error.pos[0])
    visit(this.doc, {
      Map: (_key, node, path) => {
        if (path.length > DEEPEST) this.noYaml(TOO_DEEP, node.range![0])
        this.index(node as YAMLMap<ParsedNode, ParsedNode | null>)
      },
      // 0644 is octal, as C and chmod(1) write it: it stays the text that `numberOf` reads
      Scalar(_key, node) {
        if (typeof node.value === 'number' && /^0[0-7]+$/.test(node.source ?? '')) node.value = node.source
      },
    })
  }

  private noYaml(message: string, at: number): never {
    const { line, col } = this.lines.linePos(at)
    throw new ScenarioError('no-yaml', message, { place: `${this.name}:${line}:${col}` })
  }

  /** Fields by name; a map as a name is none, and takes long to write as one. */
  private index(map: YAMLMap<ParsedNode, ParsedNode | null>): void {
    const fields = new Map<unknown, ParsedNode | null>()
    for (const { key, value } of map.items) {
      if (!isScalar(key)) this.noYaml('the name of a field is a text', key.range[0])
      if (fields.has(key.value)) this.noYaml(`the field \`${String(key.value)}\` is there twice`, key.range[0])
      fields.set(key.value, value)
    }
    this.fieldsOf.set(map, fields)
  }

  /** What stands at the end of a way, if anything does. */
  private node(way: Way): ParsedNode | null | undefined {
    let node: ParsedNode | null | undefined = this.doc.contents
    for (const step of way) {
      if (isMap(node)) node = this.fieldsOf.get(node)?.get(step)
      else if (isSeq(node) && typeof step === 'number') node = node.items[step] as ParsedNode | undefined
      else return undefined
    }
    return node
  }

  get value(): unknown {
    try {
      return this.doc.toJS()
    } catch (error) {
      // an alias of nothing, or more aliases than a person writes
      return this.fail([], (error as Error).message, null, 'no-yaml')
    }
  }

  place(way: Way): string {
    for (let length = way.length; length >= 0; length--) {
      const node = this.node(way.slice(0, length))
      const at = node?.range?.[0]
      if (at === undefined) continue
      const { line } = this.lines.linePos(isScalar(node) || length === 0 ? at : Math.max(0, at - 1))
      return `${this.name}:${line}`
    }
    return this.name
  }

  fail(way: Way, message: string, hint: string | null = null, code: ScenarioCode = 'bad-field'): never {
    throw new ScenarioError(code, message, { place: this.place(way), hint })
  }

  fields(value: unknown, way: Way, known: readonly string[] | null): Fields {
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value)) {
      const last = way.at(-1) ?? 'scenario'
      return this.fail(way, `${typeof last === 'number' ? 'a step' : `\`${last}\``} is a map of fields`)
    }
    for (const name of known === null ? [] : Object.keys(value)) {
      if (!known!.includes(name)) {
        this.fail([...way, name], `there is no field \`${name}\``, didYouMean(name, known!), 'unknown-field')
      }
    }
    return value as Fields
  }

  list(value: unknown, way: Way): readonly unknown[] {
    if (value === undefined || value === null) return []
    return Array.isArray(value) ? value : this.fail(way, `\`${way.at(-1)}\` is a list`)
  }

  text(value: unknown, way: Way): string {
    return typeof value === 'string' ? value : this.fail(way, `\`${way.at(-1)}\` is a text`)
  }

  /** A map of names to texts. */
  texts(value: unknown, way: Way): Readonly<Record<string, string>> {
    const entries = Object.entries(this.fields(value, way, null))
    return Object.fromEntries(entries.map(([name, of]) => [name, this.text(of, [...way, name])]))
  }

  number(value: unknown, way: Way): number {
    return numberOf(value, this.place(way))
  }
}

/** Fields that other files hardly have. */
const MARKS = ['scenario', 'lsms', 'identities', 'steps']
const MARKED = new RegExp(`\\b(${MARKS.join('|')})["']?\\s*:`)

/** Whether a text means to be a scenario, right or wrong: YAML or JSON with one of these fields at the top. */
export const isScenario = (text: string): boolean => {
  // a large file of something else is not parsed
  if (!MARKED.test(text)) return false
  return parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent', uniqueKeys: false }).some(({ contents }) =>
    isMap(contents) && contents.items.some(({ key }) => isScalar(key) && MARKS.includes(String(key.value))))
}

/** Throws ScenarioError, with the place, for anything that is no scenario. `name` is how the text is called. */
export const parseScenario = (text: string, name = 'scenario'): Scenario => {
  const source = new Source(name, text)
  const top = source.fields(source.value, [], TOP)
  const optional = <T>(value: unknown, of: () => T): T | null => (value === undefined || value === null ? null : of())
  const texts = (value: unknown, way: Way): readonly string[] =>
    (typeof value === 'string' ? value.split(',') : source.list(value, way)).map(
      (each, i) => source.text(each, [...way, i]),
    )

  const objectOf = ([path, given]: [string, unknown]): ObjectSpec => {
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
      label: optional(fields.label, () => source.text(fields.label, [...way, 'label'])),
      xattrs: source.texts(fields.xattrs, [...way, 'xattrs']),
      place: source.place(way),
    }
  }

  const capOf = (value: unknown, way: Way): number => {
    const cap = capByName(source.text(value, way))
    return cap === undefined || !capValid(cap) ? source.fail(way, `there is no capability \`${value}\``) : cap
  }

  const identityOf = ([who, given]: [string, unknown]): IdentitySpec => {
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
        source.list(fields.caps, [...way, 'caps']).map((each, i) => capOf(each, [...way, 'caps', i]))),
      label: optional(fields.label, () => source.text(fields.label, [...way, 'label'])),
      place: source.place(way),
    }
  }

  const writeOf = ([path, given]: [string, unknown]): WriteSpec[] => {
    const way = ['write', path]
    return [given].flat().map((each) => ({ path, text: source.text(each, way), place: source.place(way) }))
  }

  const stepOf = (given: unknown, i: number): Step => {
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
      save: fields.save === undefined ? [] : texts(fields.save, [...way, 'save']),
      expect: expectOf(fields.expect, [...way, 'expect']),
      place: source.place(way),
    }
  }

  const errnoOf = (value: unknown, way: Way): string | null => {
    const wanted = source.text(value, way)
    if (wanted === 'ok') return null
    if (wanted !== 'BLOCKS' && !errnoNames.has(wanted)) {
      source.fail(way, `there is no errno \`${wanted}\``, didYouMean(wanted, errnoNames))
    }
    return wanted
  }

  const resultOf = (value: unknown, way: Way): number => {
    const rc = source.number(value, way)
    return rc >= 0 ? rc : source.fail(way, `no call that succeeds answers ${rc}`, `it fails with \`${errnoName(rc)}\`?`)
  }

  const statOf = (given: unknown, way: Way): Readonly<Record<string, number>> =>
    Object.fromEntries(Object.entries(source.fields(given, way, STAT_FIELDS)).map(
      ([field, value]) => [field, source.number(value, [...way, field])]))

  const expectOf = (given: unknown, way: Way): Expectation => {
    const short = typeof given === 'string' ? { errno: given } : typeof given === 'number' ? { rc: given } : given
    const fields = source.fields(short, way, EXPECT)
    const errno = optional(fields.errno, () => errnoOf(fields.errno, [...way, 'errno']))
    const rc = optional(fields.rc, () => resultOf(fields.rc, short === given ? [...way, 'rc'] : way))
    if (errno !== null && rc !== null) source.fail(way, 'a call fails with `errno` or answers `rc`, not both')
    const one = (field: string): string | null =>
      optional(fields[field], () => source.text(fields[field], [...way, field]))
    return {
      errno,
      rc,
      data: one('data'),
      stat: optional(fields.stat, () => statOf(fields.stat, [...way, 'stat'])),
      by: one('by'),
      hook: one('hook'),
      label: source.texts(fields.label, [...way, 'label']),
      audit: optional(fields.audit, () => texts([fields.audit].flat(), [...way, 'audit'])),
    }
  }

  const lsms = top.lsms === undefined ? ['capability'] : texts(top.lsms, ['lsms'])
  const permissive = top.permissive === undefined ? [] : texts(top.permissive, ['permissive'])
  for (const lsm of permissive) {
    if (lsms.includes(lsm)) continue
    source.fail(['permissive'], `\`${lsm}\` is none of its \`lsms\``, didYouMean(lsm, lsms), 'unknown-lsm')
  }
  const options = source.fields(top.options, ['options'], lsms)
  const sysctl = source.fields(top.sysctl, ['sysctl'], Object.keys(defaultSysctl()))
  const steps = source.list(top.steps, ['steps'])
  if (steps.length === 0) source.fail(['steps'], 'there are no `steps`: nothing is done')
  return {
    title: top.scenario === undefined ? name : source.text(top.scenario, ['scenario']),
    lsms,
    permissive,
    options: Object.fromEntries(
      Object.entries(options).map(([lsm, of]) => [lsm, source.fields(of, ['options', lsm], null)]),
    ),
    cmdline: optional(top.cmdline, () => source.text(top.cmdline, ['cmdline'])),
    sysctl: Object.fromEntries(Object.entries(sysctl).map(([key, of]) => [key, source.number(of, ['sysctl', key])])),
    objects: Object.entries(source.fields(top.objects, ['objects'], null)).map(objectOf),
    identities: Object.entries(source.fields(top.identities, ['identities'], null)).map(identityOf),
    write: Object.entries(source.fields(top.write, ['write'], null)).flatMap(writeOf),
    steps: steps.map(stepOf),
    place: source.place(['lsms']),
  }
}

const errnoNames = new Set(
  Array.from({ length: 133 }, (_, i) => errnoName(-(i + 1))).filter((name) => name.startsWith('E')),
)
