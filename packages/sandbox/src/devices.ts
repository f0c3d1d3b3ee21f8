/** Devices that are functions of the host: what is asked of one, and its answer. */
import { EIO, errnoByName, ownValue } from '@lsmkit/abi'
import { aFunction } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

type Bytes = Uint8Array | string

/** An error with an errno as its `code` (`EBUSY`) becomes that error in the program; anything else is EIO. */
export interface Device {
  /** Its result is handed to the others: it stands for one open file of one program. */
  readonly open?: (how: { readonly read: boolean; readonly write: boolean }) => unknown
  /** At most `length` bytes; null or none is the end. */
  readonly read?: (length: number, handle: unknown) => Bytes | null | Promise<Bytes | null>
  /** How many bytes it has taken; all of them unless it says. */
  readonly write?: (bytes: Uint8Array, handle: unknown) => number | void | Promise<number | void>
  readonly close?: (handle: unknown) => void
}

export const deviceRules: OptionRules<Device> = {
  open: aFunction, read: aFunction, write: aFunction, close: aFunction,
}

/** A question to a device; `file` is the number of an open file. */
export type DeviceRequest = { readonly path: string; readonly file: number } & (
  | { readonly op: 'open'; readonly read: boolean; readonly write: boolean }
  | { readonly op: 'read'; readonly length: number }
  | { readonly op: 'write'; readonly bytes: Uint8Array }
  | { readonly op: 'close' }
)

/** Bytes, how many were taken, or -errno. */
export type DeviceAnswer = Uint8Array | number
export type AskDevice = (request: DeviceRequest) => Promise<DeviceAnswer>

const handles = new WeakMap<Device, Map<number, unknown>>()

/** Where the functions are: asks one. */
export const answerDevice = async (
  devices: Readonly<Record<string, Device>>, request: DeviceRequest,
): Promise<DeviceAnswer> => {
  const device = ownValue(devices, request.path)
  if (device === undefined) return -EIO
  let open = handles.get(device)
  if (open === undefined) handles.set(device, open = new Map())
  const handle = open.get(request.file)
  try {
    switch (request.op) {
      case 'open':
        open.set(request.file, await device.open?.({ read: request.read, write: request.write }))
        return 0
      case 'read': {
        const data = await device.read?.(request.length, handle) ?? new Uint8Array(0)
        return (typeof data === 'string' ? new TextEncoder().encode(data) : data).subarray(0, request.length)
      }
      case 'write':
        return await device.write?.(request.bytes, handle) ?? request.bytes.length
      case 'close':
        open.delete(request.file)
        await device.close?.(handle)
        return 0
    }
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    return -((typeof code === 'string' ? errnoByName(code) : undefined) ?? EIO)
  }
}
