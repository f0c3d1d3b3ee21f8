/** A button that opens files of the reader's. */
import { useRef } from 'preact/hooks'

export interface FilesButtonProps {
  readonly text: string
  /** The name of the field behind the button. */
  readonly label: string
  readonly title?: string
  readonly disabled?: boolean
  readonly onFiles: (files: FileList) => Promise<void>
}

export const FilesButton = ({ text, label, title, disabled = false, onFiles }: FilesButtonProps) => {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" disabled={disabled} title={title} onClick={() => field.current!.click()}>
        {text}
      </button>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label={label}
        onChange={async ({ currentTarget }) => {
          if (currentTarget.files === null || currentTarget.files.length === 0) return
          await onFiles(currentTarget.files)
          // so that the same file can be chosen again
          currentTarget.value = ''
        }}
      />
    </>
  )
}
