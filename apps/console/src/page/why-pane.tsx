/** The way of one call: system call, hooks in order, each module's answer, the verdict; and what would permit it. */
import { useEffect, useState } from 'preact/hooks'
import { HookLink } from './hook-name.tsx'
import { errnoText, memberAnswers } from './decision-text.ts'
import type { Why } from '../kernel/protocol.ts'
import { recordedWhy } from './recorded.ts'
import { report, store } from './session.ts'
import { Draft } from './draft.tsx'

/** `number` is that of the decision in the store. */
export const WhyPane = ({ number, onClose }: { readonly number: number; readonly onClose?: () => void }) => {
  const [why, setWhy] = useState<Why | null | undefined>(undefined)
  const [failure, setFailure] = useState<string | null>(null)
  const serial = store.columns.serial[store.at(number)]!
  useEffect(() => {
    let isGone = false
    setWhy(undefined)
    setFailure(null)
    void recordedWhy(serial).then(
      (found) => isGone || setWhy(found),
      (error: unknown) => isGone || setFailure(error instanceof Error ? error.message : String(error)),
    )
    return () => void (isGone = true)
  }, [serial])
  return (
    <section class="why" aria-label="Why">
      <header>
        <h2>Why</h2>
        {onClose === undefined ? null : (
          <button type="button" class="quiet" onClick={onClose} aria-label="Close Why">
            Close
          </button>
        )}
      </header>
      <ol class="way">
        <li class="way-call">
          <span class="way-kind">system call</span>
          <code>{store.callText(number)}</code>
        </li>
        <LeftOut decisions={(why?.asked ?? 0) - store.sameCall(number).length} />
        {store.sameCall(number).map((one) => (
          <WayHook key={one} number={one} isAsked={one === number} />
        ))}
        <li class="way-end">
          <span class="way-kind">verdict</span>
          <Verdict number={number} why={why} />
        </li>
      </ol>
      {failure !== null ? (
        <p class="warning">The reason could not be worked out: {failure}</p>
      ) : why === undefined ? (
        <p class="muted">Asking the kernel…</p>
      ) : (
        <Grounds why={why} />
      )}
    </section>
  )
}

/** Hooks that were allowed make room before those that refused. */
const LeftOut = ({ decisions }: { readonly decisions: number }) =>
  decisions <= 0 ? null : (
    <li class="muted">
      {decisions === 1 ? 'One hook' : `${decisions} hooks`} of this call allowed it, and made room for newer decisions.
    </li>
  )

const WayHook = ({ number, isAsked }: { readonly number: number; readonly isAsked: boolean }) => {
  const hook = store.text('hook', number)
  const members = report.value?.explanation.hooks.find((one) => one.hook === hook)?.members ?? []
  const answers = memberAnswers(members, number)
  return (
    <li class={isAsked ? 'way-hook asked' : 'way-hook'}>
      <span class="way-kind">hook</span>
      <HookLink hook={hook} /> <span class="object">{store.text('object', number)}</span>
      <ul class="answers">
        {answers.length === 0 ? <li>no module is on it</li> : null}
        {answers.map(({ name, answer, isRefusal }) => (
          <li key={name} class={isRefusal ? 'refused' : ''}>
            <span>{name}</span> {answer}
          </li>
        ))}
      </ul>
    </li>
  )
}

/** What the hook came to, and what its caller made of that. */
const Verdict = ({ number, why }: { readonly number: number; readonly why: Why | null | undefined }) => {
  const isAllowed = store.columns.verdict[store.at(number)] === 0
  const [, answer] = / = (?:-1 )?(\w+)(?: <.*>)?$/.exec(store.callText(number)) ?? []
  return (
    <span>
      <strong class={isAllowed ? 'allowed' : 'refused'}>{isAllowed ? 'allowed' : errnoText(number)}</strong>
      {isAllowed ? '' : ` by ${store.text('lsm', number)}`}
      {why?.reason ? <span class="muted">, for {why.reason}</span> : null}
      {answer === undefined ? null : (
        <span class="muted">
          ; the call answers <code>{answer}</code>
        </span>
      )}
    </span>
  )
}

const Grounds = ({ why }: { readonly why: Why | null }) => {
  if (why === null)
    return (
      <p class="muted">
        The kernel keeps its last 4,096 calls, and the last 8,192 with a refusal. This one is older, so its records are
        gone.
      </p>
    )
  return (
    <>
      {why.grounds.map(({ title, lines }) => (
        <section key={title}>
          <h3>{title}</h3>
          <ul class="lines">
            {lines.map((line, i) => (
              <li key={i}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {why.drafts.length === 0 && why.objections.length === 0 ? null : (
        <section>
          <h3>What would permit it</h3>
          {why.drafts.map((draft) => (
            <Draft key={draft.text} draft={draft} />
          ))}
          {why.objections.map((text) => (
            <p key={text} class="warning">
              {text}
            </p>
          ))}
          <p class="muted">A draft is not applied. Read what else it permits first.</p>
        </section>
      )}
      <section>
        <h3>Records</h3>
        <ul class="lines wrap">
          {why.records.map((line, i) => (
            <li key={i}>
              <code>{line}</code>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
