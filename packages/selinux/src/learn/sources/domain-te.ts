/** The `.te` file of a learned domain: its declarations, and what it may do, by interfaces where there are some. */
import type { PolicyView } from '../../query/view.ts'
import { EXEC_ATTRIBUTES, hasAttribute } from '../domain.ts'
import type { LearnedDomain } from '../domain.ts'
import type { AnsweredRules } from '../interfaces/interface-calls.ts'
import type { LearnedRule } from '../learn.ts'
import type { OwnType } from '../own-types.ts'
import type { PlainRule } from '../plain-rule.ts'
import { callLines, comment, requiredLines, ruleLines, typesOf } from '../te-text.ts'
import { callText, declaringCall, entryCall, OF_SERVICES, transitionCall } from './place-interfaces.ts'

/** The headers and the policy that the file is compiled with. */
export interface Headers {
  /** Names of interfaces. */
  readonly known: ReadonlySet<string>
  /** The policy that the module goes into; null where it is not known. */
  readonly view: PolicyView | null
}

/** Text in parts, and the names that its `gen_require` has to have. */
class TeWriter {
  readonly lines: string[] = []
  readonly types = new Set<string>()
  readonly attributes = new Set<string>()
  readonly plain: PlainRule[] = []
  readonly #view: PolicyView | null

  constructor({ view }: Headers) {
    this.#view = view
  }

  write(...lines: readonly string[]): void {
    this.lines.push(...lines)
  }

  /** Attributes that the policy has, where no interface gives them. */
  join(type: string, attributes: readonly string[]): void {
    for (const attribute of attributes) {
      if (this.#view === null || !hasAttribute(this.#view, attribute)) continue
      this.attributes.add(attribute)
      this.write(`typeattribute ${type} ${attribute};`)
    }
  }

  allow(rules: readonly PlainRule[]): void {
    for (const rule of rules) {
      if (rule.permissions.length === 0) continue
      this.plain.push(rule)
      this.types.add(rule.source).add(rule.target)
      this.write(`allow ${rule.source} ${rule.target}:${rule.tclass} { ${rule.permissions.join(' ')} };`)
    }
  }
}

const writeDomain = (te: TeWriter, learned: LearnedDomain, { known }: Headers): void => {
  const { types: [domain, exec], from, context: { role }, wayIn, isSkeleton } = learned
  const [entry] = entryCall(learned, known)
  te.write(`type ${domain};`, `type ${exec};`)
  if (entry !== undefined) te.write(callText(entry))
  else {
    te.join(domain!, ['domain'])
    te.join(exec!, EXEC_ATTRIBUTES)
  }
  if (entry?.name !== OF_SERVICES) {
    te.types.add(from)
    te.write(`role ${role} types ${domain};`, `type_transition ${from} ${exec}:process ${domain};`)
    te.allow(wayIn)
  }
  if (!isSkeleton) return
  te.write('', '# It confines nothing yet: record a run, and learn the rules from it.', `permissive ${domain};`)
}

const writeOwnType = (te: TeWriter, type: OwnType, learned: LearnedDomain, { known }: Headers): void => {
  const [call] = declaringCall(type, known)
  te.write('', `type ${type.name};`)
  if (call !== undefined) return te.write(callText(call))
  te.join(type.name, type.attributes)
  te.allow(learned.associations.filter(({ source }) => source === type.name))
}

const writeTransition = (te: TeWriter, type: OwnType, learned: LearnedDomain, { known }: Headers): void => {
  const [call] = transitionCall(learned, type, known)
  if (call !== undefined) return te.write(callText(call))
  const { name, parent, classes } = type
  te.types.add(parent)
  te.write(...classes.map((tclass) => `type_transition ${learned.types[0]} ${parent}:${tclass} ${name};`))
}

const heading = (text: string): string[] => ['', '#'.repeat(40), '#', `# ${text}`, '#', '']

/** The domain may read and execute its program by declaration. */
const isOfWayIn = ({ source, target, tclass, permissions }: LearnedRule, { wayIn }: LearnedDomain): boolean =>
  wayIn.some((rule) => rule.source === source && rule.target === target && rule.tclass === tclass &&
    permissions.every((name) => rule.permissions.includes(name)))

/** `answered` are the rules of the domain. */
export const domainTe = (learned: LearnedDomain, headers: Headers, answered: AnsweredRules): string => {
  const { name, program, types, own, context: { role }, notes } = learned
  const te = new TeWriter(headers)
  writeDomain(te, learned, headers)
  for (const type of own) writeOwnType(te, type, learned, headers)
  const rest = answered.rest.filter((rule) => rule.permissions.length > 0 && !isOfWayIn(rule, learned))
  te.write(...heading('Local policy'))
  for (const type of own) writeTransition(te, type, learned, headers)
  if (own.length > 0 && answered.calls.length + rest.length > 0) te.write('')
  te.write(...answered.calls.flatMap(callLines), ...rest.flatMap(ruleLines))
  const declared = new Set(types)
  const needed = [...te.types, ...typesOf(rest), ...answered.calls.flatMap((call) => call.types)]
  const required = [
    ...[...te.attributes].sort().map((attribute) => `\tattribute ${attribute};`),
    ...(role === 'system_r' ? [] : [`\trole ${role};`]),
    ...requiredLines(new Set(needed.filter((type) => !declared.has(type))), [...te.plain, ...rest]),
  ]
  return [
    `policy_module(${name}, 1.0)`, '', comment(`${name}: the domain of ${program}.`), ...notes.map(comment),
    ...(required.length === 0 ? [] : ['', 'gen_require(`', ...required, '\')']),
    ...heading('Declarations'), ...te.lines, '',
  ].join('\n')
}
