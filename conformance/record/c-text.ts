/** C texts of operations as functions that a recorder is compiled with. */

/** Statements of a text: what stands between semicolons outside of brackets and quotes. */
const statements = (text: string): string[] => {
  const parts: string[] = ['']
  let depth = 0
  let quoted = false
  for (const [at, char] of [...text].entries()) {
    if (char === '"' && text[at - 1] !== '\\') quoted = !quoted
    else if (!quoted && '({'.includes(char)) depth++
    else if (!quoted && ')}'.includes(char)) depth--
    if (char === ';' && depth === 0 && !quoted) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

const DECLARES = /^(?:struct|union|int|long|char|unsigned|const|u?int(?:8|16|32|64)_t|siginfo_t|if|for|while)\b/
const line = (statement: string): string => (DECLARES.test(statement) ? `\t${statement};` : `\tSTEP((${statement}));`)

/** The statements as lines; each ends the function where it fails, if `checked`. */
export const statementsOf = (text: string, checked: boolean): readonly string[] =>
  statements(text).map((statement) => (checked ? line(statement) : `\t${statement};`))

/** A function that ends at the first statement that fails, with its negative errno. */
export const functionOf = (name: string, text: string): string =>
  `static long ${name}(void)\n{\n\tlong last = 0;\n\n${statements(text).map(line).join('\n')}\n\treturn last;\n}\n`
