/**
 * Holds the bundled output to what the sources promise: a hook that nobody uses leaves no machine code behind, bundled
 * and minified. It compares sizes of code, not times, and lets V8 compile on the main thread: the same every time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { codeSize } from './dispatch/code-size.ts'
import { buildCell } from './dispatch/build.ts'
import type { Form } from './dispatch/build.ts'
import type { CellArgs } from './dispatch/cell-of.ts'

const folder = mkdtempSync(fileURLToPath(new URL('../.cells-', import.meta.url)))
const forms: readonly Form[] = ['bundle', 'minified']

const sizeOf = async (form: Form, way: string): Promise<number> => {
  const variant = way === 'noHooks' ? way : null
  const args: CellArgs = { way, lsms: 0 }
  return codeSize({ name: way, module: await buildCell({ form, variant, lsms: 0 }, folder), args })
}

let failed = 0
try {
  for (const form of forms) {
    const [without, unused] = [await sizeOf(form, 'noHooks'), await sizeOf(form, 'swap')]
    const ok = without > 0 && unused === without
    if (!ok) failed++
    console.log(
      `${ok ? 'ok' : 'FAILED'} ${form}: read compiles to ${without} bytes without hooks, ${unused} with an unused one`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed
