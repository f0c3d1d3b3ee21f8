/**
 * From refused accesses in a log to the rules that would allow them, with the questions that should be asked first: is
 * it allowed by now, would a label do, and what does the rule permit that was never seen.
 */
import { MAY_EXEC, MAY_WRITE } from '@lsmkit/abi'
import { proposalNotes } from '@lsmkit/core/policy/audit-log'
import type { Proposal } from '@lsmkit/core/policy/audit-log'
import { anObject, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { parseLabel } from '../label.ts'
import { MAY_LOCK, MAY_TRANSMUTE, modesText, parseModes } from '../modes.ts'
import { Policy } from '../policy.ts'
import type { LoggedAccess } from '../rule-file/audit-log.ts'
import { explainAccess } from '../rule-file/explain.ts'

export interface SmackLearnOptions {
  /** The rules that are in force: what they allow by now is not proposed again. */
  readonly policy?: Policy
}

const optionRules: OptionRules<SmackLearnOptions> = { policy: anObject }

/** `text` is a line of a rule file: three fields for a new pair of labels, four to add to what a pair has. */
export interface SmackProposal extends Proposal {
  readonly subject: string
  readonly object: string
  /** Letters that were refused. */
  readonly modes: string
}

export interface LearnedRules {
  readonly proposals: readonly SmackProposal[]
  /** All of them as a rule file, each under what was seen. */
  readonly text: string
  /** Accesses that no rule can allow, and what would. */
  readonly impossible: readonly SmackProposal[]
  /** Records of accesses that are allowed by now. */
  readonly already: number
}

/** What was refused of one label to another. */
interface Pair {
  readonly subject: string
  readonly object: string
  readonly accesses: LoggedAccess[]
  request: number
}

/** Takes what `loggedAccesses` reads. Throws OptionError. */
export const learnRules = (accesses: readonly LoggedAccess[], options: SmackLearnOptions = {}): LearnedRules => {
  checkOptions(options, optionRules, 'learnRules')
  const { policy = new Policy() } = options
  let already = 0
  const pairs = new Map<string, Pair>()
  for (const access of accesses) {
    const { action, subject, object, request } = access
    if (action !== 'denied' || !isLabel(subject) || !isLabel(object)) continue
    const key = `${subject} ${object}`
    const pair = pairs.get(key) ?? { subject, object, accesses: [], request: 0 }
    if (isAllowed(policy, subject, object, request)) {
      already++
      continue
    }
    pairs.set(key, pair)
    pair.accesses.push(access)
    pair.request |= request
  }
  const all = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => proposalOf(policy, pair))
  const proposals = all.filter(({ text }) => text !== '')
  return {
    proposals,
    text: proposals.map((one) => `${proposalNotes(one).map((note) => `# ${note}\n`).join('')}${one.text}\n`).join('\n'),
    impossible: all.filter(({ text }) => text === ''),
    already,
  }
}

/** Logs are written by others: what is no label would make another rule of it. */
const isLabel = (text: string): boolean => parseLabel(text) === text

const isAllowed = (policy: Policy, subject: string, object: string, request: number): boolean =>
  explainAccess(policy, { subject, object, request }).allowed

const distinct = (texts: readonly (string | null)[]): string[] =>
  [...new Set(texts.filter((text) => text !== null))]

const proposalOf = (policy: Policy, { subject, object, accesses, request }: Pair): SmackProposal => {
  const { rule, missing, ground } = explainAccess(policy, { subject, object, request })
  const modes = modesText(request)
  const objects = distinct(accesses.map(({ path }) => path))
  // a rule from `*` is never read, whatever it says
  const text = ground === 'star-subject' ? '' :
    rule === null ? `${subject} ${object} ${modes}` : `${subject} ${object} ${missing} -`
  const [first] = accesses as [LoggedAccess, ...LoggedAccess[]]
  return {
    subject, object, modes, text, seen: accesses.length, line: first.line, objects,
    commands: distinct(accesses.map(({ comm }) => comm)),
    beyond: text === '' ? [] : beyondOf(subject, object, request),
    instead: insteadOf(subject, object, request, objects),
    broad: text === '' ? [] : broadOf(subject, object, request),
  }
}

const has = (request: number, ...modes: readonly number[]): boolean => modes.every((mode) => (request & mode) !== 0)

/** Rules are of labels: everybody and everything of the two labels is meant, whatever was seen of it. */
const beyondOf = (subject: string, object: string, request: number): string[] => [
  `every program labelled ${subject}, to all that is labelled ${object}`,
  ...(has(request, MAY_WRITE) && !has(request, MAY_LOCK) ? ['w lets lock (l) too'] : []),
  ...(has(request, MAY_WRITE) ? ['w is truncating, deleting and changing attributes as well'] : []),
  ...(has(request, MAY_WRITE, MAY_EXEC) ? ['x is executing as well as searching: also what it has written'] : []),
]

/** Labels that the kernel gives to what nobody has labelled, or knows by itself. */
const SHARED: Readonly<Record<string, string>> = {
  _: 'the floor, the label of all that nobody has labelled',
  '*': 'the star, which everybody may access',
  '^': 'the hat, which may read everything',
  '@': 'the internet label, to and from which everything is allowed',
  '?': 'the label of what has none that is valid',
}

const MOST_LABELLED = 3

const insteadOf = (subject: string, object: string, request: number, objects: readonly string[]): string[] => {
  const paths = objects.slice(0, MOST_LABELLED).join(' ')
  if (subject === '*') return ['give the program another label: with `*` it may access nothing, whatever the rules']
  const instead: string[] = []
  if (Object.hasOwn(SHARED, subject)) instead.push('give the program a label of its own, and that label the rule')
  if (objects.length > 0 && objects.length <= MOST_LABELLED && has(request, MAY_WRITE)) {
    instead.push(`label ${paths} \`${subject}\`: a label may access itself, and no rule is needed`)
  }
  if (Object.hasOwn(SHARED, object) && !has(request, MAY_WRITE)) {
    instead.push(`label ${paths || 'the object'} with a label of its own, and allow that`)
  }
  if (!has(request, MAY_WRITE) && !Object.hasOwn(SHARED, object) && objects.length > 0) {
    instead.push(`label ${paths} \`_\` if everybody may read it`)
  }
  return instead
}

const broadOf = (subject: string, object: string, request: number): string[] => [
  ...(Object.hasOwn(SHARED, subject) ? [`\`${subject}\` is ${SHARED[subject]}`] : []),
  ...(Object.hasOwn(SHARED, object) && has(request, MAY_WRITE) ? [`\`${object}\` is ${SHARED[object]}`] : []),
  ...(has(request, MAY_TRANSMUTE) ? [`what others make in a folder of ${object} gets that label`] : []),
  ...(request === parseModes('rwxatl') ? ['it is all there is to allow'] : []),
]
