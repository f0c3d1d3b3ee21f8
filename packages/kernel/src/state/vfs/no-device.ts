/** What a device number leads to when nothing drives it. */
import { ENXIO } from '@lsmkit/abi'
import { fileOperations } from './driver.ts'

export const noDevice = fileOperations({ open: () => -ENXIO })
