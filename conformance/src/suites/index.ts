/** The suites, one line each: what it reads, what it compares, where it is. */
import type { SuiteEntry } from '../suite.ts'

export const suites: Readonly<Record<string, SuiteEntry>> = {
  'order-vectors': {
    files: 'golden/core/lsm-order-vectors.json',
    compares: 'everything under `expect`',
    load: async () => (await import('./order-vectors.ts')).orderVectors,
  },
}
