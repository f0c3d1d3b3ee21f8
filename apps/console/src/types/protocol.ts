/** The messages between the editor of a module and its service of types; offsets count UTF-16 units from 0. */

export interface TypeFault {
  readonly from: number
  readonly to: number
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface Completion {
  readonly label: string
  /** The kind of word: `method`, `constant`, `type`, … as the editor draws it. */
  readonly kind: string
  /** The package that it is imported from by taking it; null where it is in scope. */
  readonly from: string | null
}

export interface Completions {
  /** Where the word begins. */
  readonly from: number
  readonly options: readonly Completion[]
}

/** Text that takes the place of what is between two offsets. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

export interface Explained {
  /** Its type, as TypeScript prints it. */
  readonly type: string
  /** Paragraphs of its documentation. */
  readonly texts: readonly string[]
}

export interface Hover extends Explained {
  readonly from: number
  readonly to: number
}

export interface CompletionDetails extends Explained {
  /** The changes elsewhere, when it is taken: the import that it needs. */
  readonly edits: readonly Edit[]
}

export interface Signature {
  /** Text in front of the parameters, the parameters, and text behind them. */
  readonly before: string
  readonly parameters: readonly string[]
  readonly after: string
  /** Which parameter is being written. */
  readonly active: number
  readonly texts: readonly string[]
}

export interface TypeCalls {
  /** `null` while there is nothing to say. */
  faults: (text: string) => readonly TypeFault[]
  complete: (text: string, at: number) => Completions | null
  details: (text: string, at: number, option: Completion) => CompletionDetails | null
  hover: (text: string, at: number) => Hover | null
  signature: (text: string, at: number) => Signature | null
}

export type TypeMethod = keyof TypeCalls

/** The first message: the texts of all files by path. */
export interface TypeFiles {
  readonly files: Readonly<Record<string, string>>
}

export interface TypeRequest {
  readonly id: number
  readonly method: TypeMethod
  readonly args: readonly unknown[]
}

export type TypeAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
