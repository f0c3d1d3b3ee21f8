/** Macros with the permissions of each class, as a build of refpolicy generates them from its flask files. */
import { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'

interface Vectors {
  readonly commons: Map<string, string[]>
  readonly classes: Map<string, string[]>
}

const wordsOf = (text: string): string[] => text.replace(/#.*/g, '').match(/[{}]|[^\s{}]+/g) ?? []

/** `common c { p }`, `class c inherits d { p }`. */
const readVectors = ({ name: file, text }: SourceFile): Vectors => {
  const words = wordsOf(text)
  const found: Vectors = { commons: new Map(), classes: new Map() }
  const fail = (message: string): never => {
    throw new SourceError('bad-syntax', message, { file, line: 1, column: 1, excerpt: text.split('\n')[0] ?? '' })
  }
  for (let at = 0; at < words.length;) {
    const keyword = words[at++]!
    const name = words[at++] ?? fail(`\`${keyword}\` has no name`)
    if (keyword !== 'common' && keyword !== 'class') fail(`\`${keyword}\` is neither \`common\` nor \`class\``)
    const permissions: string[] = []
    if (words[at] === 'inherits') {
      permissions.push(...found.commons.get(words[at + 1] ?? '') ?? [])
      at += 2
    }
    if (words[at] === '{') {
      const end = words.indexOf('}', at)
      if (end < 0) fail(`the permissions of \`${name}\` never end`)
      permissions.push(...words.slice(at + 1, end))
      at = end + 1
    }
    (keyword === 'common' ? found.commons : found.classes).set(name, permissions)
  }
  return found
}

const userspace = /#\s*userspace\s*$/

/** `all_CLASS_perms`, `all_kernel_class_perms` and `all_userspace_class_perms`. */
export const classPermissionMacros = (vectors: SourceFile, classes: SourceFile): string => {
  const lines = [...readVectors(vectors).classes].map(([name, permissions]) =>
    `define(\`all_${name}_perms',\`{ ${permissions.map((permission) => `${permission} `).join('')}}')`)
  const [kernel, user]: [string[], string[]] = [[], []]
  for (const line of classes.text.split('\n')) {
    const name = /^\s*class\s+(\S+)/.exec(line)?.[1]
    if (name !== undefined) (userspace.test(line) ? user : kernel).push(`\tclass ${name} all_${name}_perms;\n`)
  }
  return [
    ...lines, '', `define(\`all_kernel_class_perms',\`\n${kernel.join('')}')\n`,
    `define(\`all_userspace_class_perms',\`\n${user.join('')}')\n`,
  ].join('\n')
}

/** `name = true` of booleans.conf, as the macros that `gen_bool` and `gen_tunable` ask for. */
export const booleanMacros = ({ text }: SourceFile): string => {
  const lines = text.split('\n').filter((line) => /^\s*[A-Za-z]/.test(line)).map((line) => line.replace(/\s+/g, ''))
  return lines.map((line) => {
    const [name, value] = line.split('=')
    return `define(\`${name}_conf',\`${value ?? ''}')\n`
  }).join('')
}
