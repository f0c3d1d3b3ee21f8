/** The first thing of the first view: a sentence of what this is, and three ways to begin. */
import { show } from './link-state.ts'

export const Welcome = ({ onShell }: { readonly onShell: () => void }) => (
  <section class="welcome" aria-label="What this is">
    <p>
      Linux Security Modules as TypeScript: a kernel runs in this tab, asks its modules about every system call, and
      shows why one was refused.
    </p>
    <button type="button" onClick={onShell}>
      Try a shell
    </button>
    <button type="button" onClick={() => show('module')}>
      Write a module
    </button>
    <button type="button" onClick={() => show('policy')}>
      Load your policy
    </button>
  </section>
)
