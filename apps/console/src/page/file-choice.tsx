/** A file of the reader's: its name and its bytes, as soon as it is chosen or dropped. */
import { useRef, useState } from 'preact/hooks'

export interface ChosenFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface FileChoiceProps {
  readonly label: string
  readonly accept?: string
  /** null: none is chosen any more. */
  readonly onFile: (file: ChosenFile | null) => void
}

export const FileChoice = ({ label, accept, onFile }: FileChoiceProps) => {
  const [name, setName] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const take = (file: File | undefined): void => {
    setName(file?.name ?? null)
    if (file === undefined) onFile(null)
    else void file.arrayBuffer().then((buffer) => onFile({ name: file.name, bytes: new Uint8Array(buffer) }))
  }
  return (
    <span class="file">
      <label
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          take(event.dataTransfer?.files[0])
        }}
      >
        <span class="label">{label}</span>
        <input
          ref={field}
          type="file"
          {...(accept === undefined ? {} : { accept })}
          onChange={({ currentTarget: { files } }) => take(files?.[0])}
        />
        <span class="file-button">{name ?? 'Open a file…'}</span>
      </label>
      {name === null ? null : (
        <button
          type="button"
          class="quiet"
          aria-label={`Close ${name}`}
          onClick={() => {
            field.current!.value = ''
            field.current!.focus()
            take(undefined)
          }}
        >
          ✕
        </button>
      )}
    </span>
  )
}
