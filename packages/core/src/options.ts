/** `@lsmkit/core/option-rules`: all that a function with options needs, in one file to load. */
export { didYouMean } from './did-you-mean.ts'
export * from './option-rules.ts'
export * from './plain-options.ts'
