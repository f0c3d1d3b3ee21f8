/** Drafts of policy that the reader writes, and files that become one; each module has its own. */
import { signal } from '@preact/signals'
import type { PolicyModule, PolicyText } from '../kernel/protocol.ts'
import { compose, kernel, loadedPolicies, report, specOf } from './session.ts'

type Texts = readonly PolicyText[]

/** By module; one that is not there is as it is loaded. */
export const drafts = signal<ReadonlyMap<PolicyModule, Texts>>(new Map())

export const setDraft = (module: PolicyModule, texts: Texts | null): void => {
  const next = new Map(drafts.value)
  if (texts === null) next.delete(module)
  else next.set(module, texts)
  drafts.value = next
}

export const sameTexts = (one: Texts, other: Texts): boolean =>
  one.length === other.length &&
  one.every(({ name, text }, i) => name === other[i]!.name && text === other[i]!.text)

/** The module that a file is for, by its name or by what is written in it. */
export const moduleOf = ({ name, text }: PolicyText): PolicyModule => {
  if (/\.(?:cil|te|33|3[0-9])$/.test(name) || /^\s*(?:;.*\n\s*)*\(/.test(text)) return 'selinux'
  return /[{}]|^\s*(?:#?include|abi|profile)\b/m.test(text) ? 'apparmor' : 'smack'
}

const exclusive: readonly string[] = ['selinux', 'smack', 'apparmor']

/** A kernel with the module in its stack, in the place of another that excludes it. */
export const bootWith = async (module: PolicyModule): Promise<void> => {
  if (report.value?.explanation.order.includes(module) === true) return
  const { lsm, together } = specOf()
  await compose([...lsm.filter((name) => together || !exclusive.includes(name)), module], together)
}

/** Loads texts that compile; others stay a draft, with the fault in place. Gives the news for the reader. */
export const loadDraft = async (module: PolicyModule, texts: Texts): Promise<string> => {
  const fault = await kernel().call('loadPolicy', module, texts)
  if (fault !== null) return fault.message
  loadedPolicies.set(module, texts)
  setDraft(module, null)
  return 'Loaded: programs go on under this policy.'
}

/** Files of the reader's, loaded into a kernel that has their module. */
export const loadFiles = async (texts: Texts): Promise<{ readonly module: PolicyModule; readonly news: string }> => {
  const module = moduleOf(texts[0]!)
  setDraft(module, texts)
  await bootWith(module)
  return { module, news: await loadDraft(module, texts) }
}
