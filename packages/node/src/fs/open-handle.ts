/** A file handle as streams see it. */

export interface OpenHandle {
  /** -1 once it is closed. */
  readonly fd: number
  read(...args: readonly unknown[]): Promise<object>
  write(...args: readonly unknown[]): Promise<object>
  writev(...args: readonly unknown[]): Promise<object>
  sync(): Promise<void>
  close(): Promise<void>
  once(event: 'close', listener: () => void): unknown
}

const handles = new WeakSet<object>()

/** Each new handle is noted here, so that an object of the same shape is not taken for one. */
export const noteHandle = (handle: OpenHandle): void => void handles.add(handle)

export const isHandle = (value: unknown): value is OpenHandle =>
  typeof value === 'object' && value !== null && handles.has(value)
