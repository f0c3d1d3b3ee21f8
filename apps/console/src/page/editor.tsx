/** A text being written: a scenario or profiles with errors in place, or a script. Loaded when it is first shown. */
import { useEffect, useRef } from 'preact/hooks'
import type { EditorView } from '@codemirror/view'
import type { Language, TextCheck } from './editor-parts.ts'
import { openEditor } from './editor-lazy.ts'
import { theme } from './theme.ts'

export interface EditorProps {
  readonly language: Language
  /** What it begins with; another text is another editor (`key`). */
  readonly text: string
  readonly label: string
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  /** Finds the mistake in a text, where the language has no check of its own. */
  readonly check?: TextCheck
}

export const Editor = ({ language, text, label, onChange, onRun, check }: EditorProps) => {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef({ onChange, onRun, check })
  latest.current = { onChange, onRun, check }
  const isDark = theme.value
  useEffect(() => {
    let isGone = false
    const parts = {
      language,
      label,
      isDark,
      onChange: (now: string) => latest.current.onChange(now),
      onRun: () => latest.current.onRun(),
      check: async (now: string) => (await latest.current.check?.(now)) ?? null,
    }
    const open = async (): Promise<void> => {
      const make = await openEditor()
      if (!isGone && box.current !== null) view.current = make(box.current, text, parts)
    }
    void open()
    return () => {
      isGone = true
      view.current?.destroy()
      view.current = null
    }
  }, [language, isDark])
  return (
    <div class="editor-pane">
      <div class="editor" ref={box} />
      {language === 'profile' || language === 'policy' ? null : (
        <p class="key-note">
          <kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor. <kbd>Ctrl Enter</kbd> runs it.
        </p>
      )}
    </div>
  )
}
