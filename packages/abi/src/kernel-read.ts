/**
 * The kinds of data that the kernel reads or is given: ids of kernel_read_file and kernel_load_data, and their texts.
 */

export const READING_UNKNOWN = 0
export const READING_FIRMWARE = 1
export const READING_MODULE = 2
export const READING_KEXEC_IMAGE = 3
export const READING_KEXEC_INITRAMFS = 4
export const READING_POLICY = 5
export const READING_X509_CERTIFICATE = 6
export const READING_MAX_ID = 7

export const LOADING_UNKNOWN = READING_UNKNOWN
export const LOADING_FIRMWARE = READING_FIRMWARE
export const LOADING_MODULE = READING_MODULE
export const LOADING_KEXEC_IMAGE = READING_KEXEC_IMAGE
export const LOADING_KEXEC_INITRAMFS = READING_KEXEC_INITRAMFS
export const LOADING_POLICY = READING_POLICY
export const LOADING_X509_CERTIFICATE = READING_X509_CERTIFICATE
export const LOADING_MAX_ID = READING_MAX_ID

const idNames = [
  'unknown',
  'firmware',
  'kernel-module',
  'kexec-image',
  'kexec-initramfs',
  'security-policy',
  'x509-certificate',
] as const

/** As `kernel_read_file_id_str`: the text of an id, `unknown` outside the list. */
export const kernelReadFileName = (id: number): string => idNames[id] ?? idNames[READING_UNKNOWN]
