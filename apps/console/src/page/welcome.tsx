/** The first thing of the first view: a sentence of what this is, and three ways to begin. */
import { useRef, useState } from 'preact/hooks'
import { show } from './link-state.ts'
import { loadFiles } from './policy-draft.ts'
import { textsOf } from './policy-files.tsx'
import { showError } from './session.ts'

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
    <OwnPolicy />
  </section>
)

/** CIL, profiles of AppArmor or rules of Smack: loaded into a kernel that has their module, and shown in Policy. */
const OwnPolicy = () => {
  const field = useRef<HTMLInputElement>(null)
  const [isBusy, setBusy] = useState(false)
  const load = async (files: FileList): Promise<void> => {
    setBusy(true)
    try {
      const { module } = await loadFiles(await textsOf(files))
      show('policy', { policy: module })
    } catch (error) {
      show('policy')
      showError(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <button
        type="button"
        disabled={isBusy}
        title="CIL for SELinux, profiles of AppArmor, or rules of Smack"
        onClick={() => field.current!.click()}
      >
        {isBusy ? 'Loading…' : 'Load your policy'}
      </button>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label="Your policy"
        onChange={({ currentTarget: { files } }) => {
          if (files !== null && files.length > 0) void load(files)
        }}
      />
    </>
  )
}
