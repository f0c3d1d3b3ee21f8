/** The first thing of the first view: a sentence of what this is, and three ways to begin. */
import { useState } from 'preact/hooks'
import { FilesButton } from './files-button.tsx'
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
    <FilesButton
      text={isBusy ? 'Loading…' : 'Load your policy'}
      label="Your policy"
      title="CIL for SELinux, profiles of AppArmor, or rules of Smack"
      disabled={isBusy}
      onFiles={load}
    />
  )
}
