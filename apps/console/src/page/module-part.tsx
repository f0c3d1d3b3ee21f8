/** What a module of the stack holds, and its files, which can be written where the module takes it. */
import { useEffect, useState } from 'preact/hooks'
import type { ModulePart } from '../kernel/protocol.ts'
import { kernel, objects, report, status } from './session.ts'

const useParts = (writes: number): readonly ModulePart[] | null => {
  const [parts, setParts] = useState<readonly ModulePart[] | null>(null)
  const isUp = status.value === 'up'
  useEffect(() => {
    if (!isUp) return undefined
    let isGone = false
    void kernel().call('moduleParts').then((found) => isGone || setParts(found), () => {})
    return () => void (isGone = true)
  }, [isUp, writes, report.value, objects.value])
  return parts
}

export const HeldParts = ({ name }: { readonly name: string }) => {
  const [writes, setWrites] = useState(0)
  const parts = useParts(writes)
  if (parts === null) return <p class="starting">Asking the kernel…</p>
  const part = parts.find((one) => one.name === name)
  if (part === undefined) return <p class="empty">{name} is not in the stack: Stack switches it on.</p>
  return (
    <>
      {part.sections.map(({ title, lines }) => (
        <section key={title} class="panel" aria-label={title}>
          <h2>{title}</h2>
          {lines.length === 0 ? (
            <p class="muted">Nothing.</p>
          ) : (
            <ul class="lines">
              {lines.map((line) => (
                <li key={line}>
                  <code>{line}</code>
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
      {part.files.map((file) => (
        <SettingFile key={`${file.path} ${file.text}`} file={file} onWrite={() => setWrites(writes + 1)} />
      ))}
    </>
  )
}

interface SettingFileProps {
  readonly file: ModulePart['files'][number]
  readonly onWrite: () => void
}

const SettingFile = ({ file: { path, text, isWritable }, onWrite }: SettingFileProps) => {
  const [value, setValue] = useState(text)
  const [news, setNews] = useState('')
  const write = async (): Promise<void> => {
    const errno = await kernel().call('writeSetting', path, value)
    setNews(errno === '' ? '' : `The kernel answers ${errno}.`)
    onWrite()
  }
  return (
    <section class="panel" aria-label={path}>
      <h2>
        <code>{path}</code>
      </h2>
      {isWritable ? (
        <form
          class="profile-actions"
          onSubmit={(event) => {
            event.preventDefault()
            void write()
          }}
        >
          <label class="grow">
            <span class="hidden">Text of {path}</span>
            <textarea
              rows={Math.min(8, Math.max(1, value.split('\n').length))}
              spellcheck={false}
              value={value}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          </label>
          <button type="submit" disabled={value === text}>
            Write
          </button>
          <span class="refused" role="status">
            {news}
          </span>
        </form>
      ) : (
        <pre>{text || 'Empty.'}</pre>
      )}
    </section>
  )
}
