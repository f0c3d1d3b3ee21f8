/** Files of a whole policy beside its modules: classes, permissions, macros of sets, which modules are in the base. */
import type { SourceFile } from '../files.ts'
import { parseSource } from '../syntax/parse.ts'
import type { PolicySymbols } from './symbols.ts'

const withoutComments = (text: string): string => text.replace(/#.*/g, '')

/** `NAME = base`. */
const readModules = (symbols: PolicySymbols, { text }: SourceFile): void => {
  for (const [, name, state] of withoutComments(text).matchAll(/^\s*(\w[\w-]*)\s*=\s*(\w+)\s*$/gm)) {
    symbols.modules.set(name!, state!)
  }
}

/** `define(`NAME',`{ a b }')`: permissions or classes. */
const readSets = (symbols: PolicySymbols, { text }: SourceFile): void => {
  for (const [, name, set, more] of withoutComments(text).matchAll(/define\(`(\w+)',\s*`\s*(\{[^{}']*\}|\w+)([^']*)'/g)) {
    const words = set!.match(/\w+/g) ?? []
    if (!name!.endsWith('_perms')) symbols.classMacros.add(name!)
    // A macro that prints a warning is not to be used any more.
    else if (more!.trim() === '') symbols.permissionMacros.set(name!, words)
  }
}

const readVectors = (symbols: PolicySymbols, { text }: SourceFile): void => {
  for (const [, body] of withoutComments(text).matchAll(/\{([^{}]*)\}/g)) {
    for (const word of body!.match(/\S+/g) ?? []) symbols.permissions.add(word)
  }
}

const readClasses = (symbols: PolicySymbols, { text }: SourceFile): void => {
  for (const [, name, isUser] of text.matchAll(/^\s*class\s+(\w+)[^\S\n]*(#\s*userspace)?/gm)) {
    symbols.classes.add(name!)
    if (isUser !== undefined) symbols.userClasses.add(name!)
  }
}

const readers: readonly (readonly [end: RegExp, read: (symbols: PolicySymbols, file: SourceFile) => void])[] = [
  [/(^|[/\\])modules\.conf$/, readModules], [/(^|[/\\])obj_perm_sets\.spt$/, readSets],
  [/(^|[/\\])access_vectors$/, readVectors], [/(^|[/\\])security_classes$/, readClasses],
  [/(^|[/\\])global_(booleans|tunables)$/, (symbols, file) => symbols.addGlobals(parseSource(file))],
]

/** Whether a file belongs to what `readPolicyFile` reads. */
export const isPolicyFile = (name: string): boolean => readers.some(([end]) => end.test(name))

export const readPolicyFile = (symbols: PolicySymbols, file: SourceFile): void => {
  for (const [end, read] of readers) if (end.test(file.name)) read(symbols, file)
}
