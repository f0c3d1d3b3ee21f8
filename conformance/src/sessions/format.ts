/**
 * The one format of recorded sessions: `session NAME [PARAMETERS]`, and below it `ACTOR OPERATION ARGUMENTS<TAB>ANSWER`
 * a line. The heading `operation<TAB>answer`, blank lines and comments (`#`) may stand anywhere.
 */

export interface Step {
  /** `ACTOR OPERATION ARGUMENTS`. */
  readonly line: string
  readonly answer: string
}

export interface Session {
  /** `session NAME PARAMETERS`. */
  readonly title: string
  readonly parameters: string
  readonly steps: readonly Step[]
}

const HEADING = 'operation\tanswer'

/** Steps before the first session are one of their own. */
export const readSessions = (text: string): Session[] => {
  const sessions: { title: string; parameters: string; steps: Step[] }[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line === HEADING || line.startsWith('#')) continue
    const [head = '', answer = ''] = line.split('\t')
    if (head.startsWith('session ')) {
      sessions.push({ title: head, parameters: head.split(' ').slice(2).join(' '), steps: [] })
      continue
    }
    if (sessions.length === 0) sessions.push({ title: 'session', parameters: '', steps: [] })
    sessions.at(-1)!.steps.push({ line: head, answer: answer.trimEnd() })
  }
  return sessions
}
