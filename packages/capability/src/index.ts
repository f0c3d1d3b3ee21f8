/** POSIX capabilities as the LSM the kernel always loads first. */
export * from './cap-from-text.ts'
export * from './cap-state.ts'
export * from './cap-to-text.ts'
export * from './errors.ts'
