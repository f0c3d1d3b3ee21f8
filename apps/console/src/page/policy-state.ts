/** The texts of a module's policy that are loaded, and the fault of a draft of them. */
import { useEffect, useState } from 'preact/hooks'
import type { PolicyFault, PolicyModule, PolicyText } from '../kernel/protocol.ts'
import { sameTexts } from './policy-draft.ts'
import { kernel, report, status } from './session.ts'

type Texts = readonly PolicyText[]

interface Loaded {
  readonly texts: Texts
  /** Another one when the texts are. */
  readonly version: number
}

/** Milliseconds without a key before a draft is checked. */
const PAUSE = 300

export const useLoaded = (module: PolicyModule, loads: number): Loaded | null => {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const isUp = status.value === 'up'
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    const take = (texts: Texts): void => setLoaded((before) =>
      before !== null && sameTexts(before.texts, texts) ? before : { texts, version: (before?.version ?? 0) + 1 })
    void kernel().call('loadedPolicy', module).then((found) => isGone || take(found), () => {})
    return () => void (isGone = true)
  }, [module, loads, isUp, report.value])
  return loaded
}

/** The fault of a draft, a while after the last key. */
export const useFault = (module: PolicyModule, draft: Texts | null): PolicyFault | null => {
  const [fault, setFault] = useState<PolicyFault | null>(null)
  useEffect(() => {
    let isGone = false
    const check = async (): Promise<void> => {
      const found = draft === null || status.value !== 'up' ? null : await kernel().call('checkPolicy', module, draft)
      if (!isGone) setFault(found)
    }
    const timer = setTimeout(() => void check().catch(() => {}), draft === null ? 0 : PAUSE)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [module, draft])
  return fault
}
