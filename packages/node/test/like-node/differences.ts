/** Rows whose outcome differs from Node's, each with the reason. */
import { rowText } from './compare.ts'
import type { Form, Row } from './compare.ts'

interface Difference {
  readonly forms: readonly Form[]
  readonly rows: RegExp
  readonly why: string
}

const every = ['sync', 'promises', 'callback'] as const
const differences: readonly Difference[] = [
  {
    forms: ['sync'], rows: /^opendir\((at|bytes of|URL of) (f|link|none|broken|loop|f\/x)\)$|^opendir\(\)$/,
    why: "the error of Node's opendirSync has no path",
  },
  { forms: every, rows: /^readdir\(at \., .*recursive/, why: 'Node follows links to directories here' },
  {
    forms: ['sync'], why: "Node's cpSync differs from its own promises.cp, which is the model",
    rows: /^cp\((at d, at new\)|at f, at (f|d|link)\)|at d, at (f|d\/sub\/in|d), |at link, at new, .*dereference|at broken)/,
  },
  { forms: every, rows: /^utimes\(at f, 1\.123/, why: 'Node is a nanosecond off: it cuts the fraction of a double' },
  {
    forms: ['promises', 'callback'], rows: /^lstat\((at none)?, \{"throwIfNoEntry":false/,
    why: "Node's lstatSync alone takes the option",
  },
  {
    forms: ['sync'], why: 'Node cuts fractions and leaves out other values; nothing is converted here',
    rows: /^access\(at f, 5|^copyFile\(at f, at new, 5\.5|^(read|write)v\(.*, (5\.5|a\0b|true|\{\})\)$/,
  },
  {
    forms: ['sync'], why: 'as above, and Node takes null for options',
    rows: new RegExp('^write\\(f opened r\\+, (a buffer, (null, 1|0, (a\0b|true|\\{\\}), 0|' +
      '0, 1, (5\\.5|a\0b|true|\\{\\})))|^read\\(f opened r\\+, a buffer, (null, 1|0, (null|a\0b|true|\\{\\}), 0)'),
  },
  { forms: ['sync'], rows: /^realpath\((null|5\.5|true|\{\})/, why: 'Node makes text of anything here' },
  { forms: ['sync'], rows: /^mkdir\(at new, (true|\{"mode":null)/, why: 'Node takes these for no options' },
]

/** The reason, or null where both have to agree. */
export const differenceOf = (form: Form, row: Row): string | null => {
  const text = rowText(row)
  return differences.find(({ forms, rows }) => forms.includes(form) && rows.test(text))?.why ?? null
}
