/** The parts of an editor: its language, and functions of the view that it stands in. */
import type { ProfileFault } from '../kernel/protocol.ts'

export type Language = 'scenario' | 'ruby' | 'profile' | 'module' | 'policy'

export interface EditorParts {
  readonly language: Language
  readonly label: string
  readonly isDark: boolean
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly check: TextCheck
}

/** A mistake at a line and column, from 1; null: there is none. */
export type TextCheck = (text: string) => Promise<Pick<ProfileFault, 'message' | 'hint' | 'line' | 'column'> | null>
