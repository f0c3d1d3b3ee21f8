/** Policy: a part for each module of the stack, with what it holds; texts are edited, tried and loaded there. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { policyModules } from '../../kernel/protocol.ts'
import { link, set, setting } from '../link-state.ts'
import { HeldParts } from '../module-part.tsx'
import { PolicyEditor } from '../policy-editor.tsx'
import { SelinuxPolicy } from '../selinux-policy.tsx'
import { report, specOf } from '../session.ts'

/** As links of before name the parts. */
const former: Readonly<Record<string, string>> = { types: 'selinux', profiles: 'apparmor' }

const hasTexts = (name: string): boolean => policyModules.some((one) => one === name)

/** Those of the stack, and behind them those whose policies can be written for it. */
const partsOf = (): readonly string[] => {
  const order = report.value?.explanation.order ?? specOf().lsm
  return [...order, ...policyModules.filter((name) => !order.includes(name))]
}

/** The module with texts in the stack, unless the link names one. */
const chosenOf = (parts: readonly string[]): string => {
  const wanted = setting('policy')
  const named = parts.find((name) => name === wanted || name === new Map(Object.entries(former)).get(wanted))
  return named ?? parts.find(hasTexts) ?? parts[0]!
}

export const Policy = () => {
  void link.value
  const parts = partsOf()
  const part = chosenOf(parts)
  const order = report.value?.explanation.order ?? []
  return (
    <div class="view policy">
      <fieldset class="segments policy-modules">
        <legend class="hidden">Modules</legend>
        {parts.map((name) => (
          <label key={name}>
            <input type="radio" name="policy" checked={name === part} onChange={() => set({ policy: name })} />
            <span class={order.includes(name) ? '' : 'absent'}>{name}</span>
          </label>
        ))}
      </fieldset>
      <Part key={part} name={part} />
    </div>
  )
}

const Part = ({ name }: { readonly name: string }) => {
  if (name === 'selinux') return <SelinuxPolicy />
  if (name === 'apparmor') return <Profiles />
  return (
    <div class="policy-parts">
      {name === 'smack' ? <PolicyEditor module="smack" /> : null}
      <HeldParts name={name} />
    </div>
  )
}

/** AppArmor's code comes with its part. */
const Profiles = () => {
  const [Shown, setShown] = useState<ComponentType | null>(null)
  useEffect(() => {
    const load = async (): Promise<void> => {
      const { ApparmorPolicy } = await import('../apparmor-policy.tsx')
      setShown(() => ApparmorPolicy)
    }
    void load()
  }, [])
  return Shown === null ? <p class="starting">Compiling the profiles…</p> : <Shown />
}
