/** The name of a hook: a link to its page, or a word where a link cannot stand. Its text shows under the pointer. */
import { linkText, link, show } from './link-state.ts'

interface HookNameProps {
  readonly hook: string
}

export const HookLink = ({ hook }: HookNameProps) => (
  <a
    class="hook"
    data-hook={hook}
    href={linkText({ view: 'hook', settings: { ...link.value.settings, about: hook } })}
    onClick={(event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      show('hook', { about: hook })
    }}
  >
    {hook}
  </a>
)

/** In a button or a row, which is chosen as a whole. */
export const HookWord = ({ hook }: HookNameProps) => (
  <code class="hook" data-hook={hook}>
    {hook}
  </code>
)

export const HookLinks = ({ hooks }: { readonly hooks: readonly string[] }) => (
  <>
    {hooks.map((hook, i) => (
      <span key={hook}>
        {i === 0 ? '' : ', '}
        <HookLink hook={hook} />
      </span>
    ))}
  </>
)
