/** A file of the reader's: its name and its bytes, as soon as it is chosen. */

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

export const FileChoice = ({ label, accept, onFile }: FileChoiceProps) => (
  <label class="file">
    <span class="label">{label}</span>
    <input
      type="file"
      {...(accept === undefined ? {} : { accept })}
      onChange={({ currentTarget: { files } }) => {
        const file = files?.[0]
        if (file === undefined) onFile(null)
        else void file.arrayBuffer().then((buffer) => onFile({ name: file.name, bytes: new Uint8Array(buffer) }))
      }}
    />
  </label>
)
