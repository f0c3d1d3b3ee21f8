/** Instructions: taken apart, as text, from text. */
export { assemble, AsmError } from './asm.ts'
export { decodeCode, emptyCode, encodeCode, type Code } from './code.ts'
export { disasm, disasmSlot, isWide, type DisasmNames } from './disasm.ts'
