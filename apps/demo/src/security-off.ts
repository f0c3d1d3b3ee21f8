import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { BootOptions } from '@lsmkit/kernel'

export const configSecurityOff = (): BootOptions['stack'] => createStack({ lsms: [capability()] })
