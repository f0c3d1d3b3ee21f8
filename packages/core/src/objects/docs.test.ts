/** An editor has something to say about each field of each kernel object. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const index = fileURLToPath(new URL('index.ts', import.meta.url))
const program = ts.createProgram([index], {
  module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true, noEmit: true,
  allowImportingTsExtensions: true, customConditions: ['lsmkit:source'],
})
const checker = program.getTypeChecker()

/** Interfaces that the folder exports: kernel objects, and what they are made of. */
const objects = checker
  .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!)
  .filter(({ flags }) => (flags & ts.SymbolFlags.Interface) !== 0)
  .map((symbol) => ({
    name: symbol.name,
    words: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    fields: checker.getDeclaredTypeOfSymbol(symbol).getProperties(),
  }))

test('the objects that hooks are handed are among them', () => {
  expect(objects.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Task', 'Cred', 'Inode', 'Dentry', 'File', 'SuperBlock', 'Sock', 'Binprm', 'Path']),
  )
})

test.each(objects)('$name', ({ words, fields }) => {
  expect(words).not.toBe('')
  const silent = fields.filter((field) => ts.displayPartsToString(field.getDocumentationComment(checker)) === '')
  expect(silent.map(({ name }) => name)).toEqual([])
})
