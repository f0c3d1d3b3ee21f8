/**
 * Names that fragments of a file use and the text around them defines: declarations put in front, so that they compile.
 */
export const preambles: Readonly<Record<string, string>> = {
  'packages/core/README.md': `import { createStack, jsonLinesSink } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
declare const lsms: Lsm[]
declare const log: { write(line: string): void }`,
  'packages/kernel/README.md': `import { AT_FDCWD, O_WRONLY } from '@lsmkit/abi'
import type { Stack, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
declare const sys: Kernel['sys']
declare const [init, guest]: [Task, Task]
declare const stack: Stack`,
  'packages/just-bash/README.md': `import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
declare const kernel: Kernel
declare const task: Task`,
  'packages/wasi/README.md': `import { guestLimits, openReactor, runWasi, runWasiAsync } from '@lsmkit/wasi'
import type { Kernel } from '@lsmkit/kernel'
declare const component: Uint8Array<ArrayBuffer>
declare class Channel {}
declare const kernel: Kernel`,
  'packages/sandbox/README.md': `import { createSandbox } from '@lsmkit/sandbox'
import type { Sandbox } from '@lsmkit/sandbox'
declare const box: Sandbox
declare const program: Uint8Array
declare const askSomebody: (question: string) => Promise<boolean>
declare const answerOf: (question: string) => Promise<string>`,
  'docs/native-programs.md': `import { createNativeBox } from '@lsmkit/native'
import { createSandbox } from '@lsmkit/sandbox'
import type { Policy } from '@lsmkit/sandbox'
declare const policy: Omit<Policy, 'modules'>`,
  'packages/native/README.md': `import { openWatch } from '@lsmkit/native'
import type { NativeBox } from '@lsmkit/native'
declare const box: NativeBox
declare const policy: Uint8Array
declare const fileContexts: string`,
  'packages/selinux/README.md': `import { readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootOptions } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import { InformationFlows } from '@lsmkit/selinux/flow'
import { readPolicy } from '@lsmkit/selinux/policydb'
declare const policy: Uint8Array
declare const mounts: BootOptions['mounts']`,
}
