/**
 * `node --import @lsmkit/node/register app.mjs`: `node:fs` of the app is that of a box. Its policy is in `policy.json`,
 * or in the file that LSMKIT_POLICY names. An aid while you develop, and no confinement.
 */
import { oneLine } from '@lsmkit/abi'
import { createSandbox } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import { TaskFiles } from '@lsmkit/kernel/files'
import { installFs } from './install.ts'
import { policyOf } from './register/policy-file.ts'

const box = await createSandbox({ ...policyOf(process.env), inline: true })
const { kernel, task: taskOf, beginRun, watch } = insideOf(box)
const task = taskOf({ run: beginRun().run })
const files = new TaskFiles(kernel, task)
// the app begins where it was started, if that is a folder of the box, and otherwise at its root
if (files.exists(process.cwd())) files.chdir(process.cwd())
installFs(kernel, task)
// the app learns EACCES alone
watch({ onDenial: ({ sentence }) => void process.stderr.write(`lsmkit: ${oneLine(sentence)}\n`) })
// a box that nobody holds is closed
Object.defineProperty(globalThis, Symbol.for('@lsmkit/node box'), { value: box })
