/** `@lsmkit/bpf/coverage`: which instructions of programs ran, and which lines of their sources. */
export { BpfCoverage } from './coverage.ts'
export type { CoveredBpfLine, CoveredProgram } from './coverage.ts'
