/** An operation of hook-trace.tsv that nobody recorded, and the lines that tables of them are made of. */

export interface DescribedTrace {
  /** Of the last call, as the kernel's source says. */
  readonly errno: string
  /** C text as that of the rows; `-` for none. */
  readonly setup: string
  readonly calls: string
}

/** By id. */
export type DescribedTraces = Readonly<Record<string, DescribedTrace>>

/** Calls alone, or what is set up for them and the calls; `call() = EPERM` names what they fail with. */
export type Line = string | readonly [setup: string, calls: string]

/** A line each; `shared` is set up for all of them first. */
export const described = (lines: Readonly<Record<string, Line>>, shared = ''): DescribedTraces =>
  Object.fromEntries(Object.entries(lines).map(([id, line]) => {
    const [own, text] = typeof line === 'string' ? ['', line] : line
    const [, calls, errno = 'OK'] = /^(.*?)(?: = (E[A-Z0-9]+))?$/s.exec(text)!
    return [id, { errno, setup: `${shared} ${own}`.trim() || '-', calls: calls! }]
  }))
