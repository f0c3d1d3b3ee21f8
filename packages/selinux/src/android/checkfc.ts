/** checkfc: contexts of a file are valid in a policy, and their types have the attribute that the file is for. */
import { PolicyView } from '../query/view.ts'
import { list } from '../bits.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { FileContexts } from '../server/file-contexts/file-contexts.ts'
import { ContextReader } from '../labels/local/context-reader.ts'
import { LabelsError } from '../labels/errors.ts'
import { AndroidError, contextLines } from './errors.ts'
import type { ContextText } from './errors.ts'

export type CheckfcMode = 'file' | 'property' | 'service' | 'hwservice' | 'vndservice' | 'keystore2'

/** One of these attributes a type has to have; none for keystore keys. */
const attributes: Readonly<Record<CheckfcMode, readonly string[]>> = {
  file: ['fs_type', 'dev_type', 'file_type'], property: ['property_type'], service: ['service_manager_type'],
  hwservice: ['hwservice_manager_type'], vndservice: ['vndservice_manager_type'], keystore2: ['keystore2_key_type'],
}

export interface CheckfcProblem {
  readonly place: string
  readonly message: string
}

const contextOf = (fields: readonly string[], mode: CheckfcMode): string =>
  (mode === 'file' ? fields.at(-1) : fields[1]) ?? ''

/** The lines that are wrong. Throws AndroidError where the policy has none of the attributes. */
export const checkContexts = (policy: Policydb, mode: CheckfcMode, files: readonly ContextText[]): CheckfcProblem[] => {
  const view = new PolicyView(policy)
  const reader = new ContextReader(policy)
  const wanted = attributes[mode]
  for (const name of wanted) {
    if (view.hasType(name) && view.isAttribute(view.type(name))) continue
    throw new AndroidError('unknown-name', `the policy has no attribute \`${name}\``)
  }
  const types = new Set(wanted.flatMap((name) => list(view.members(view.type(name)))))
  return contextLines(files).flatMap(({ fields, place }) => {
    const context = contextOf(fields, mode)
    if (context === '<<none>>') return []
    try {
      const { type } = reader.context(context, place)
      if (types.has(type)) return []
      const name = view.names.types[type] ?? `#${type}`
      return [{ place, message: `type ${name} has none of the attributes ${wanted.join(', ')}` }]
    } catch (error) {
      if (!(error instanceof LabelsError)) throw error
      return [{ place, message: error.summary }]
    }
  })
}

export type ContextsComparison = 'subset' | 'equal' | 'superset' | 'incomparable'

const specs = ({ name, text }: ContextText): Set<string> =>
  new Set(contextLines([{ name, text }]).map(({ fields }) => fields.join(' ')))

/** How the lines of two file_contexts stand to each other (`checkfc -c`). Lines count as sets. */
export const compareContexts = (first: ContextText, second: ContextText): ContextsComparison => {
  const [a, b] = [specs(first), specs(second)]
  const isIn = (inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean =>
    [...inner].every((line) => outer.has(line))
  const [below, above] = [isIn(a, b), isIn(b, a)]
  return below && above ? 'equal' : below ? 'subset' : above ? 'superset' : 'incomparable'
}

/** Paths with the types that they should have (`checkfc -t`): what is another, and lines that no path has tried. */
export const checkTestData = (
  contexts: ContextText, data: ContextText,
): { readonly wrong: readonly CheckfcProblem[]; readonly untried: readonly string[] } => {
  const all = new FileContexts({ base: contexts.text })
  const used = new Set<string>()
  const wrong = contextLines([data]).flatMap(({ fields, place }) => {
    const [path = '', expected = ''] = fields
    const found = all.lookup(path)
    if (found === null) return [{ place, message: `${path} has no context` }]
    used.add(found)
    const type = found.split(':')[2] ?? ''
    return type === expected ? [] : [{ place, message: `${path} has type ${type}, not ${expected}` }]
  })
  const untried = contextLines([contexts]).map(({ fields }) => fields.at(-1)!)
    .filter((context) => context !== '<<none>>' && !used.has(context))
  return { wrong, untried: [...new Set(untried)] }
}
