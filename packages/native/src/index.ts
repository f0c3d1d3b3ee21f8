export { NativeError } from './native-error.ts'
export type { NativeErrorCode } from './native-error.ts'
