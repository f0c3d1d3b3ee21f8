/**
 * Void chains, flat: as ask-templates.ts, but everybody is told and nobody ends it.
 * Written by scripts/generate-dispatch.ts.
 *
 * `note` looks at returned values other than undefined; after a throw (complement of the index) it also runs the rest.
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Key } from '../dispatch/key.ts'

export type Note = (key: Key | undefined, at: number, value: unknown, ...args: unknown[]) => void
type Tell = (note: Note, ...members: HookFn[]) => HookFn
type TellMany = (note: Note, members: readonly HookFn[]) => HookFn

export const TELL: readonly (readonly Tell[])[] = [
  [ // 0 arguments
    (note, m0) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
    (note, m0, m1) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
        i = 1; if ((v = m1()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
    (note, m0, m1, m2) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
        i = 1; if ((v = m1()) !== undefined) note(this, i, v)
        i = 2; if ((v = m2()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
    (note, m0, m1, m2, m3) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
        i = 1; if ((v = m1()) !== undefined) note(this, i, v)
        i = 2; if ((v = m2()) !== undefined) note(this, i, v)
        i = 3; if ((v = m3()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
        i = 1; if ((v = m1()) !== undefined) note(this, i, v)
        i = 2; if ((v = m2()) !== undefined) note(this, i, v)
        i = 3; if ((v = m3()) !== undefined) note(this, i, v)
        i = 4; if ((v = m4()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key) {
      let i = 0, v
      try {
        if ((v = m0()) !== undefined) note(this, i, v)
        i = 1; if ((v = m1()) !== undefined) note(this, i, v)
        i = 2; if ((v = m2()) !== undefined) note(this, i, v)
        i = 3; if ((v = m3()) !== undefined) note(this, i, v)
        i = 4; if ((v = m4()) !== undefined) note(this, i, v)
        i = 5; if ((v = m5()) !== undefined) note(this, i, v)
      } catch (error) { note(this, ~i, error) }
    },
  ],
  [ // 1 arguments
    (note, m0) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
    (note, m0, m1) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
        i = 1; if ((v = m1(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
    (note, m0, m1, m2) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
        i = 1; if ((v = m1(a)) !== undefined) note(this, i, v, a)
        i = 2; if ((v = m2(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
        i = 1; if ((v = m1(a)) !== undefined) note(this, i, v, a)
        i = 2; if ((v = m2(a)) !== undefined) note(this, i, v, a)
        i = 3; if ((v = m3(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
        i = 1; if ((v = m1(a)) !== undefined) note(this, i, v, a)
        i = 2; if ((v = m2(a)) !== undefined) note(this, i, v, a)
        i = 3; if ((v = m3(a)) !== undefined) note(this, i, v, a)
        i = 4; if ((v = m4(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a) {
      let i = 0, v
      try {
        if ((v = m0(a)) !== undefined) note(this, i, v, a)
        i = 1; if ((v = m1(a)) !== undefined) note(this, i, v, a)
        i = 2; if ((v = m2(a)) !== undefined) note(this, i, v, a)
        i = 3; if ((v = m3(a)) !== undefined) note(this, i, v, a)
        i = 4; if ((v = m4(a)) !== undefined) note(this, i, v, a)
        i = 5; if ((v = m5(a)) !== undefined) note(this, i, v, a)
      } catch (error) { note(this, ~i, error, a) }
    },
  ],
  [ // 2 arguments
    (note, m0) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
    (note, m0, m1) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
        i = 1; if ((v = m1(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
    (note, m0, m1, m2) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
        i = 1; if ((v = m1(a, b)) !== undefined) note(this, i, v, a, b)
        i = 2; if ((v = m2(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
        i = 1; if ((v = m1(a, b)) !== undefined) note(this, i, v, a, b)
        i = 2; if ((v = m2(a, b)) !== undefined) note(this, i, v, a, b)
        i = 3; if ((v = m3(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
        i = 1; if ((v = m1(a, b)) !== undefined) note(this, i, v, a, b)
        i = 2; if ((v = m2(a, b)) !== undefined) note(this, i, v, a, b)
        i = 3; if ((v = m3(a, b)) !== undefined) note(this, i, v, a, b)
        i = 4; if ((v = m4(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b) {
      let i = 0, v
      try {
        if ((v = m0(a, b)) !== undefined) note(this, i, v, a, b)
        i = 1; if ((v = m1(a, b)) !== undefined) note(this, i, v, a, b)
        i = 2; if ((v = m2(a, b)) !== undefined) note(this, i, v, a, b)
        i = 3; if ((v = m3(a, b)) !== undefined) note(this, i, v, a, b)
        i = 4; if ((v = m4(a, b)) !== undefined) note(this, i, v, a, b)
        i = 5; if ((v = m5(a, b)) !== undefined) note(this, i, v, a, b)
      } catch (error) { note(this, ~i, error, a, b) }
    },
  ],
  [ // 3 arguments
    (note, m0) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
    (note, m0, m1) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 1; if ((v = m1(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
    (note, m0, m1, m2) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 1; if ((v = m1(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 2; if ((v = m2(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 1; if ((v = m1(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 2; if ((v = m2(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 3; if ((v = m3(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 1; if ((v = m1(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 2; if ((v = m2(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 3; if ((v = m3(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 4; if ((v = m4(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 1; if ((v = m1(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 2; if ((v = m2(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 3; if ((v = m3(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 4; if ((v = m4(a, b, c)) !== undefined) note(this, i, v, a, b, c)
        i = 5; if ((v = m5(a, b, c)) !== undefined) note(this, i, v, a, b, c)
      } catch (error) { note(this, ~i, error, a, b, c) }
    },
  ],
  [ // 4 arguments
    (note, m0) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
    (note, m0, m1) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 1; if ((v = m1(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
    (note, m0, m1, m2) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 1; if ((v = m1(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 2; if ((v = m2(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 1; if ((v = m1(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 2; if ((v = m2(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 3; if ((v = m3(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 1; if ((v = m1(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 2; if ((v = m2(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 3; if ((v = m3(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 4; if ((v = m4(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 1; if ((v = m1(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 2; if ((v = m2(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 3; if ((v = m3(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 4; if ((v = m4(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
        i = 5; if ((v = m5(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
      } catch (error) { note(this, ~i, error, a, b, c, d) }
    },
  ],
  [ // 5 arguments
    (note, m0) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
    (note, m0, m1) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 1; if ((v = m1(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
    (note, m0, m1, m2) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 1; if ((v = m1(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 2; if ((v = m2(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 1; if ((v = m1(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 2; if ((v = m2(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 3; if ((v = m3(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 1; if ((v = m1(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 2; if ((v = m2(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 3; if ((v = m3(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 4; if ((v = m4(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d, e) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 1; if ((v = m1(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 2; if ((v = m2(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 3; if ((v = m3(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 4; if ((v = m4(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
        i = 5; if ((v = m5(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
      } catch (error) { note(this, ~i, error, a, b, c, d, e) }
    },
  ],
  [ // 6 arguments
    (note, m0) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
    (note, m0, m1) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 1; if ((v = m1(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
    (note, m0, m1, m2) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 1; if ((v = m1(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 2; if ((v = m2(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
    (note, m0, m1, m2, m3) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 1; if ((v = m1(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 2; if ((v = m2(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 3; if ((v = m3(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
    (note, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 1; if ((v = m1(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 2; if ((v = m2(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 3; if ((v = m3(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 4; if ((v = m4(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
    (note, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, v
      try {
        if ((v = m0(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 1; if ((v = m1(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 2; if ((v = m2(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 3; if ((v = m3(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 4; if ((v = m4(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
        i = 5; if ((v = m5(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
      } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
    },
  ],
]

/** More members than have a literal: one loop, by number of arguments. */
export const TELL_MANY: readonly TellMany[] = [
  (note, members) => function (this: Key) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!()) !== undefined) note(this, i, v)
    } catch (error) { note(this, ~i, error) }
  },
  (note, members) => function (this: Key, a) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a)) !== undefined) note(this, i, v, a)
    } catch (error) { note(this, ~i, error, a) }
  },
  (note, members) => function (this: Key, a, b) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a, b)) !== undefined) note(this, i, v, a, b)
    } catch (error) { note(this, ~i, error, a, b) }
  },
  (note, members) => function (this: Key, a, b, c) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a, b, c)) !== undefined) note(this, i, v, a, b, c)
    } catch (error) { note(this, ~i, error, a, b, c) }
  },
  (note, members) => function (this: Key, a, b, c, d) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a, b, c, d)) !== undefined) note(this, i, v, a, b, c, d)
    } catch (error) { note(this, ~i, error, a, b, c, d) }
  },
  (note, members) => function (this: Key, a, b, c, d, e) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a, b, c, d, e)) !== undefined) note(this, i, v, a, b, c, d, e)
    } catch (error) { note(this, ~i, error, a, b, c, d, e) }
  },
  (note, members) => function (this: Key, a, b, c, d, e, f) {
    let i = 0, v
    try {
      for (; i < members.length; i++) if ((v = members[i]!(a, b, c, d, e, f)) !== undefined) note(this, i, v, a, b, c, d, e, f)
    } catch (error) { note(this, ~i, error, a, b, c, d, e, f) }
  },
]
