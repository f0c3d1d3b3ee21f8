/** Instructions. */
export { decodeCode, emptyCode, encodeCode, type Code } from './code.ts'
