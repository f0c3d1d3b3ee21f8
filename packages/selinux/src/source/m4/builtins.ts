/** The macros that m4 itself has, as far as policies use them; those that reach out of the text are refused. */
import { evaluate } from './evaluate.ts'
import { Macro } from './macros.ts'
import type { Builtin, Processor } from './macros.ts'
import { expandClasses, Pattern, replaceAll } from './pattern.ts'
import { emptyText, madeText, TextBuilder } from './text.ts'
import type { CallSite, Text } from './text.ts'

const textOf = (args: readonly Text[], index: number): string => args[index]?.text ?? ''

const made = (text: string, { position, call }: CallSite): Text => madeText(text, position, call)

const define = (m4: Processor, args: readonly Text[], isPushed: boolean): null => {
  const name = textOf(args, 1)
  const old = m4.macros.get(name)
  m4.macros.set(name, new Macro(name, args[2] ?? emptyText, isPushed ? old : old?.below ?? null))
  return null
}

const number = (m4: Processor, args: readonly Text[], index: number, site: CallSite): number => {
  const text = textOf(args, index).trim()
  if (text === '') return 0
  if (!/^[+-]?\d+$/.test(text)) m4.fail('bad-arguments', `\`${text}\` is not a number`, site)
  return Number(text) | 0
}

/** Pairs are compared until two are equal. */
const ifElse: Builtin = (_m4, args) => {
  let at = 1
  for (; args.length - at >= 3; at += 3) if (textOf(args, at) === textOf(args, at + 1)) return args[at + 2]!
  return at > 1 ? args[at] ?? null : null
}

const translit: Builtin = (m4, args, site) => {
  const [from, to] = [expandClasses(textOf(args, 2)), expandClasses(textOf(args, 3))]
  const map = new Map<string, string>()
  for (let i = 0; i < from.length; i++) if (!map.has(from[i]!)) map.set(from[i]!, to[i] ?? '')
  const text = textOf(args, 1)
  m4.spend(text.length)
  // A text that stays as it is keeps its places.
  if (!Array.from(map.keys()).some((character) => text.includes(character))) return args[1] ?? emptyText
  return made(Array.from(text, (character) => map.get(character) ?? character).join(''), site)
}

const substr: Builtin = (m4, args, site) => {
  const source = args[1] ?? emptyText
  const from = number(m4, args, 2, site)
  const length = args.length > 3 ? number(m4, args, 3, site) : source.text.length
  const builder = new TextBuilder()
  if (from >= 0 && length > 0) builder.append(source, from, Math.min(source.text.length, from + length))
  return builder.done()
}

const regexp: Builtin = (m4, args, site) => {
  const pattern = new Pattern(textOf(args, 2), (message) => m4.fail('bad-arguments', message, site))
  const text = textOf(args, 1)
  const found = pattern.search(text, 0, (steps) => m4.spend(steps, site))
  if (args.length <= 3) return made(String(found === null ? -1 : found.start), site)
  return found === null ? null : made(found.replaced(textOf(args, 3)), site)
}

const patsubst: Builtin = (m4, args, site) => {
  const pattern = new Pattern(textOf(args, 2), (message) => m4.fail('bad-arguments', message, site))
  return made(replaceAll(pattern, textOf(args, 1), textOf(args, 3), (steps) => m4.spend(steps, site)), site)
}

const refused = (m4: Processor, args: readonly Text[], site: CallSite): never =>
  m4.fail('refused', `\`${textOf(args, 0)}\` reaches out of the policy's text`, site,
    'put what it would read into the sources')

const absent = (m4: Processor, args: readonly Text[], site: CallSite): never =>
  m4.fail('refused', `\`${textOf(args, 0)}\` of m4 is not there`, site, 'no policy is known to need it')

/** Those of the first list are macros only where a `(` follows. */
const withArguments: Readonly<Record<string, Builtin>> = {
  define: (m4, args) => define(m4, args, false),
  pushdef: (m4, args) => define(m4, args, true),
  undefine: (m4, args) => {
    for (let i = 1; i < args.length; i++) m4.macros.set(textOf(args, i), null)
    return null
  },
  popdef: (m4, args) => {
    for (let i = 1; i < args.length; i++) {
      m4.macros.set(textOf(args, i), m4.macros.get(textOf(args, i))?.below ?? null)
    }
    return null
  },
  defn: (m4, args, site) => {
    const builder = new TextBuilder()
    const bodies = args.slice(1).map(({ text }) => m4.macros.get(text)?.body ?? emptyText)
    for (const body of bodies) m4.appendArguments(builder, [body], true, 0, site)
    return builder.done()
  },
  ifdef: (m4, args) => (m4.isDefined(textOf(args, 1)) ? args[2] : args[3]) ?? null,
  ifelse: ifElse,
  shift: (m4, args, site) => {
    const builder = new TextBuilder()
    m4.appendArguments(builder, args, true, 2, site)
    return builder.done()
  },
  incr: (m4, args, site) => made(String((number(m4, args, 1, site) + 1) | 0), site),
  decr: (m4, args, site) => made(String((number(m4, args, 1, site) - 1) | 0), site),
  len: (_m4, args, site) => made(String(textOf(args, 1).length), site),
  index: (_m4, args, site) => made(String(textOf(args, 1).indexOf(textOf(args, 2))), site),
  substr,
  translit,
  regexp,
  patsubst,
  eval: (m4, args, site) => {
    const [radix, width] = [args.length > 2 ? number(m4, args, 2, site) : 10, number(m4, args, 3, site)]
    if (radix < 2 || radix > 36) m4.fail('bad-arguments', 'numbers are written to a base of 2 to 36', site)
    if (width > 100) m4.fail('bad-arguments', 'a number is at most 100 digits wide', site)
    const value = evaluate(textOf(args, 1), (message) => m4.fail('bad-arguments', message, site))
    return made(`${value < 0 ? '-' : ''}${Math.abs(value).toString(radix).padStart(width, '0')}`, site)
  },
  errprint: (m4, args, site) => {
    m4.messages.push({ text: args.slice(1).map(({ text }) => text).join(' '), site })
    return null
  },
  indir: (m4, args, site) => {
    const macro = m4.macros.get(textOf(args, 1))
    return macro === null ? null : m4.expand(macro, args.slice(1), site)
  },
  include: refused, sinclude: refused, syscmd: refused, esyscmd: refused, mkstemp: refused, maketemp: refused,
  builtin: absent, format: absent, m4wrap: absent,
}

const always: Readonly<Record<string, Builtin>> = {
  dnl: (m4) => {
    m4.skipLine()
    return null
  },
  changequote: (m4, args) => {
    if (args.length < 2) m4.setQuotes('`', '\'')
    else m4.setQuotes(textOf(args, 1), textOf(args, 2) === '' && textOf(args, 1) !== '' ? '\'' : textOf(args, 2))
    return null
  },
  changecom: (m4, args) => {
    m4.setComments(textOf(args, 1), textOf(args, 2) === '' ? '\n' : textOf(args, 2))
    return null
  },
  divert: (m4, args, site) => {
    m4.diversions.divert(number(m4, args, 1, site))
    return null
  },
  undivert: (m4, args, site) => {
    if (args.length < 2) m4.diversions.undivertAll()
    for (let i = 1; i < args.length; i++) m4.diversions.undivert(number(m4, args, i, site))
    return null
  },
  divnum: (m4, _args, site) => made(String(m4.diversions.number), site),
  __file__: (m4, _args, site) => made(m4.files.nameOf(m4.fileSite(site)), site),
  __line__: (m4, _args, site) => made(String(m4.files.lineOf(m4.fileSite(site))), site),
  __program__: (_m4, _args, site) => made('m4', site),
  __gnu__: () => null,
  __unix__: () => null,
  m4exit: (m4, args, site) => m4.exit(number(m4, args, 1, site), site),
  sysval: absent, dumpdef: absent, traceon: absent, traceoff: absent, debugmode: absent, debugfile: absent,
}

export const builtins: readonly Macro[] = [
  ...Object.entries(withArguments).map(([name, builtin]) => new Macro(name, emptyText, null, builtin, true)),
  ...Object.entries(always).map(([name, builtin]) => new Macro(name, emptyText, null, builtin)),
]
