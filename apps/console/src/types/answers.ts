/** The calls of the editor, answered by TypeScript's service over the files that it is given. */
import ts from 'typescript'
import { completeAt, detailsAt } from './complete.ts'
import { hoverAt, signatureAt } from './explain.ts'
import { faultsOf } from './faults.ts'
import { Files } from './language.ts'
import type { TypeCalls } from './protocol.ts'

export const typeCalls = (texts: Readonly<Record<string, string>>): TypeCalls => {
  const files = new Files(new Map(Object.entries(texts)))
  const service = ts.createLanguageService(files)
  const of = (text: string): ts.LanguageService => {
    files.write(text)
    return service
  }
  return {
    faults: (text) => faultsOf(of(text)),
    complete: (text, at) => completeAt(of(text), text, at),
    details: (text, at, option) => detailsAt(of(text), at, option),
    hover: (text, at) => hoverAt(of(text), at),
    signature: (text, at) => signatureAt(of(text), at),
  }
}
