/** Lines of file_contexts that stand for the homes of users (HOME_DIR, HOME_ROOT, USER, %{USERNAME}, %{USERID}). */

export const HOME_DIR = 'HOME_DIR'
export const HOME_ROOT = 'HOME_ROOT'

const isTemplate = (line: string): boolean =>
  line.startsWith(HOME_DIR) || line.startsWith(HOME_ROOT) || line.includes('ROLE') || line.includes('USER')

export interface SplitContexts {
  /** Lines that are labels as they stand. */
  readonly base: string
  /** Lines that libsemanage keeps as homedir_template. */
  readonly template: string
}

/** Separates the lines that `homedirContexts` fills in; file_contexts as a compiler writes it has both. */
export const splitTemplate = (fileContexts: string): SplitContexts => {
  const [base, template]: [string[], string[]] = [[], []]
  for (const line of fileContexts.split('\n')) {
    const isComment = line.trimStart().startsWith('#')
    ;(isTemplate(line) && !isComment ? template : base).push(line)
  }
  return { base: base.join('\n'), template: template.map((line) => `${line}\n`).join('') }
}
