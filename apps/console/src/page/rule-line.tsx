/** A rule of a profile with its file and line. */
import type { ProfileRule } from '../kernel/protocol.ts'

export const RuleLine = ({ rule: { line, text }, file }: { readonly rule: ProfileRule; readonly file: string }) => (
  <li>
    <span class="muted">
      {file}:{line}
    </span>{' '}
    <code>{text}</code>
  </li>
)
