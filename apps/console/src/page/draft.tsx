/** A draft of policy: the rule, what it changes, what else it permits, and what would do instead. */
import type { Draft as DraftOf } from '../kernel/protocol.ts'

const List = ({ title, items }: { readonly title: string; readonly items: readonly string[] }) =>
  items.length === 0 ? null : (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      </dd>
    </>
  )

export const Draft = ({ draft: { module, text, changes, beyond, instead, broad } }: { readonly draft: DraftOf }) => (
  <div class="draft">
    <span class="tag">{module}</span>
    <pre>{text.trim()}</pre>
    <dl>
      <List title="Changes in the policy" items={changes} />
      <List title="Permits beyond this" items={beyond} />
      <List title="Would do instead" items={instead} />
      <List title="Read twice" items={broad} />
    </dl>
  </div>
)
