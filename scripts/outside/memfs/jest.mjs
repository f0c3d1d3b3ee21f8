/** memfs' tests are for jest: its mocks and spies are those of vitest. */
import { vi } from 'vitest'

globalThis.jest = vi
