/** The names that golden/operations.md describes, section by section: `open_rdonly: open f O_RDONLY`, `a, b: …`. */

/** `smack-fs` to its names; a name is recognised by the colon, semicolon or comma behind it, never by its meaning. */
export const describedNames = (markdown: string): Readonly<Record<string, readonly string[]>> => {
  const sections = markdown.split(/^## /m).slice(1)
  return Object.fromEntries(sections.map((section) => {
    const suite = /^[\w-]+/.exec(section)![0]
    const blocks = [...section.matchAll(/^```\n(.*?)^```/gms)].map(([, block]) => block!)
    const namesOf = suite === 'hook-trace' ? inRunningText : atLineStart
    return [suite, blocks.flatMap((block) => block.split('\n').flatMap(namesOf))]
  }))
}

const NAME = /^[a-z]\w*$/

/** `fd_a, fd_b: what both do`. */
const atLineStart = (line: string): string[] => {
  const [head = '', ...rest] = line.split(': ')
  const names = head.split(', ')
  return rest.length > 0 && names.every((name) => NAME.test(name)) ? names : []
}

/** Many operations a line, `a, b: what; c_; d: what`: those with an underscore, out of brackets and explanations. */
const inRunningText = (line: string): string[] =>
  withoutBrackets(line).split('; ').flatMap((part) => part.split(':')[0]!.split(', '))
    .map((name) => name.trim()).filter((name) => NAME.test(name) && name.includes('_'))

const withoutBrackets = (text: string): string => {
  const inner = text.replace(/ ?\([^()]*\)/g, '')
  return inner === text ? text : withoutBrackets(inner)
}
