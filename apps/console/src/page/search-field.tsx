/** A field in which one searches. */

export interface SearchFieldProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly onText: (text: string) => void
}

export const SearchField = ({ label, value, placeholder, onText }: SearchFieldProps) => (
  <label>
    <span class="label">{label}</span>
    <input
      type="search"
      value={value}
      placeholder={placeholder ?? ''}
      spellcheck={false}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  </label>
)
