/**
 * The features that a kernel can mediate, as its `features` files have them (`/sys/kernel/security/apparmor/features`,
 * `/etc/apparmor.d/abi`): names with words or further names in braces.
 */
import { ProfileError } from './errors.ts'
import { Place, SourceText } from './place.ts'

/** A feature: its words, and the features in it. */
interface FeatureNode {
  readonly words: Set<string>
  readonly inner: Map<string, FeatureNode>
}

const newNode = (): FeatureNode => ({ words: new Set(), inner: new Map() })

export class Features {
  readonly #root: FeatureNode

  constructor(root: FeatureNode) {
    this.#root = root
  }

  /** `path` as `domain/attach_conditions/xattr`; its last part may be a word. */
  supports(path: string): boolean {
    const parts = path.split('/')
    const last = parts.pop()!
    const node = parts.reduce<FeatureNode | undefined>((at, part) => at?.inner.get(part), this.#root)
    return node !== undefined && (node.inner.has(last) || node.words.has(last))
  }

  /** The words of a feature, in their order; empty without it. */
  words(path: string): readonly string[] {
    const node = path.split('/').reduce<FeatureNode | undefined>((at, part) => at?.inner.get(part), this.#root)
    return node === undefined ? [] : [...node.words]
  }
}

const TOKEN = /[{}]|[^\s{}]+/gu
const MOST_NESTED = 32

/** Throws `ProfileError`. */
export const parseFeatures = (text: string, file = 'features'): Features => {
  const root = newNode()
  const open = [root]
  const source = new SourceText(file, text)
  let word: string | null = null
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const node = open.at(-1)!
    if (token === '{') {
      if (word === null) {
        throw new ProfileError('unexpected', 'a brace opens without a name before it', new Place(source, index))
      }
      if (open.length > MOST_NESTED) {
        throw new ProfileError('too-deep', 'features are nested too deep', new Place(source, index))
      }
      node.words.delete(word)
      const inner = node.inner.get(word) ?? newNode()
      node.inner.set(word, inner)
      open.push(inner)
      word = null
    } else if (token === '}') {
      // Nobody finds what stands behind a brace too many: parsers stop there.
      if (open.length === 1) return new Features(root)
      open.pop()
      word = null
    } else {
      node.words.add(token)
      word = token
    }
  }
  if (open.length > 1) throw new ProfileError('unclosed', 'a brace is not closed', new Place(source, text.length))
  return new Features(root)
}

/** What apparmor_parser 4.1 takes a policy to be written for that names no abi. */
const OLDEST_POLICY = `dbus {mask {acquire send receive}} signal {mask {hup}} ptrace {mask {read trace}} 
mount {mask {mount umount}} network {af_unix {yes}} file {mask {create read write exec append mmap_exec link lock}}
domain {version {1.2}}
policy {set_load {yes} versions {v5 v6 v7 v8}}`

/** The features that a policy without an `abi` rule may use. */
export const policyWithoutAbi = (): Features => parseFeatures(OLDEST_POLICY)
