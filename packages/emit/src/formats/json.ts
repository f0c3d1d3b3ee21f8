/** JSON of others, read with care: a field of another type than expected is as good as missing, or an error. */
import { badFile } from '../emit-error.ts'

export type Json = Readonly<Record<string, unknown>>

/** Throws EmitError. */
export const parseJson = (text: string, place: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badFile(place, (error as Error).message)
  }
}

/** An empty object for anything else. */
export const objectIn = (value: unknown): Json =>
  (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Json : {})

/** An empty list for anything else. */
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value as unknown[] : [])
