/** The files of a policy: which one is edited, new ones, files of the reader's, and one that goes. */
import type { PolicyFault, PolicyText } from '../kernel/protocol.ts'
import { FilesButton } from './files-button.tsx'

type Texts = readonly PolicyText[]

interface PolicyFilesProps {
  readonly texts: Texts
  readonly at: number
  readonly fault: PolicyFault | null
  readonly onFile: (at: number) => void
  /** With the file to show. */
  readonly onTexts: (texts: Texts, at: number) => void
}

export const textsOf = async (files: FileList): Promise<Texts> =>
  Promise.all([...files].map(async (file) => ({ name: file.name, text: await file.text() })))

const freeName = (texts: Texts): string => {
  const ending = /\.\w+$/.exec(texts[0]?.name ?? '')?.[0] ?? ''
  for (let i = 1; ; i++) {
    const name = `new-${i}${ending}`
    if (!texts.some((one) => one.name === name)) return name
  }
}

/** Files of a name that is there take its place. */
const withFiles = (texts: Texts, more: Texts): Texts =>
  [...texts.filter(({ name }) => !more.some((one) => one.name === name)), ...more]

export const PolicyFiles = ({ texts, at, fault, onFile, onTexts }: PolicyFilesProps) => {
  return (
    <div class="policy-files">
      <fieldset class="segments">
        <legend class="hidden">Files</legend>
        {texts.map(({ name }, i) => (
          <label key={name}>
            <input type="radio" name="policy-file" checked={i === at} onChange={() => onFile(i)} />
            <span>
              {name}
              {fault?.file === name ? ' ⚠' : ''}
            </span>
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        onClick={() => onTexts([...texts, { name: freeName(texts), text: '' }], texts.length)}
      >
        New file
      </button>
      <FilesButton
        text="Open files…"
        label="Files of a policy"
        onFiles={async (files) => {
          const next = withFiles(texts, await textsOf(files))
          onTexts(next, next.length - 1)
        }}
      />
      <button
        type="button"
        disabled={texts.length < 2}
        onClick={() => onTexts(texts.filter((_, i) => i !== at), 0)}
      >
        Remove {texts[at]?.name}
      </button>
    </div>
  )
}
