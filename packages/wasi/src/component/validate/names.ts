/** Names of imports, exports, fields and cases. */
import { invalid } from './invalid.ts'

/** Words of letters of one case, joined by hyphens. */
const WORD = '(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)'
const LABEL = `${WORD}(?:-(?:[a-z0-9]+|[A-Z0-9]+))*`
const NUMBER = '(?:0|[1-9]\\d*)'
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const VERSION = `${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?`
const LOWER = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*'

const isLabel = new RegExp(`^${LABEL}$`)
const EXTERN_NAMES = [
  isLabel,
  new RegExp(`^\\[(?:async )?(?:constructor|async)\\]${LABEL}$`),
  new RegExp(`^\\[(?:async )?(?:method|static|async method|async static)\\]${LABEL}\\.${LABEL}$`),
  new RegExp(`^${LOWER}:${LABEL}/${LABEL}(?:@${VERSION})?$`),
  // versions that only name what is compatible
  new RegExp(`^${LOWER}:${LABEL}/${LABEL}@(?:0\\.)?(?:0\\.)?${NUMBER}$`),
  /^(?:locked-dep|unlocked-dep|url|relative-url|integrity)=<[^<>]*>(?:,integrity=<[^<>]*>)?$/,
]

/** Throws unless the names are in kebab case, there are `least` of them, and no two differ in case alone. */
export const assertLabels = (what: string, labels: readonly string[], least = 1): void => {
  if (labels.length < least) throw invalid(`a ${what} without anything in it`)
  const seen = new Set<string>()
  for (const label of labels) {
    if (!isLabel.test(label)) throw invalid(`\`${label}\` in a ${what} is not in kebab case`)
    if (seen.has(label.toLowerCase())) throw invalid(`\`${label}\` is twice in a ${what}`)
    seen.add(label.toLowerCase())
  }
}

/** The names of imports or of exports of one component or instance. */
export class ExternNames {
  readonly #seen = new Set<string>()

  /** Throws for a name that is not one, and for one that is there already. */
  add(name: string): void {
    if (!EXTERN_NAMES.some((one) => one.test(name)))
      throw invalid(`\`${name}\` is not a name of an import or an export`)
    const key = name.toLowerCase().replace(/^\[(?:async )?(?:method|static)\]/, '[]')
    if (this.#seen.has(key)) throw invalid(`the name \`${name}\` is there twice`)
    this.#seen.add(key)
  }
}
