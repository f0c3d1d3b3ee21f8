/** The operations of a device number without a driver. */
import { ENXIO } from '@lsmkit/abi'
import { fileOperations } from './driver.ts'

export const noDevice = fileOperations({ open: () => -ENXIO })
