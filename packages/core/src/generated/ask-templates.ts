/**
 * Int chains, flat: one literal for each number of arguments (rows) and members (1 to 6).
 * Written by scripts/generate-dispatch.ts.
 *
 * Each is as small as it can be, for V8 inlines a bounded number of bytecodes into one caller: one comparison a member,
 * one exit. `no` is the hook's default: a member that returns it has no opinion. `end` gets the index of the member
 * that answered something else, or its complement when it threw.
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Key } from '../dispatch/key.ts'

export type End = (key: Key | undefined, at: number, value: unknown, ...args: unknown[]) => number
type Ask = (end: End, no: number, ...members: HookFn[]) => HookFn
type AskMany = (end: End, no: number, members: readonly HookFn[]) => HookFn

export const ASK: readonly (readonly Ask[])[] = [
  [ // 0 arguments
    (end, no, m0) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
    (end, no, m0, m1) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no
          && (i = 1, rc = m1()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
    (end, no, m0, m1, m2) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no
          && (i = 1, rc = m1()) === no
          && (i = 2, rc = m2()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no
          && (i = 1, rc = m1()) === no
          && (i = 2, rc = m2()) === no
          && (i = 3, rc = m3()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no
          && (i = 1, rc = m1()) === no
          && (i = 2, rc = m2()) === no
          && (i = 3, rc = m3()) === no
          && (i = 4, rc = m4()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key) {
      let i = 0, rc
      try {
        if ((rc = m0()) === no
          && (i = 1, rc = m1()) === no
          && (i = 2, rc = m2()) === no
          && (i = 3, rc = m3()) === no
          && (i = 4, rc = m4()) === no
          && (i = 5, rc = m5()) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc)
    },
  ],
  [ // 1 arguments
    (end, no, m0) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
    (end, no, m0, m1) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no
          && (i = 1, rc = m1(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
    (end, no, m0, m1, m2) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no
          && (i = 1, rc = m1(a)) === no
          && (i = 2, rc = m2(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no
          && (i = 1, rc = m1(a)) === no
          && (i = 2, rc = m2(a)) === no
          && (i = 3, rc = m3(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no
          && (i = 1, rc = m1(a)) === no
          && (i = 2, rc = m2(a)) === no
          && (i = 3, rc = m3(a)) === no
          && (i = 4, rc = m4(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a) {
      let i = 0, rc
      try {
        if ((rc = m0(a)) === no
          && (i = 1, rc = m1(a)) === no
          && (i = 2, rc = m2(a)) === no
          && (i = 3, rc = m3(a)) === no
          && (i = 4, rc = m4(a)) === no
          && (i = 5, rc = m5(a)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a)
    },
  ],
  [ // 2 arguments
    (end, no, m0) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
    (end, no, m0, m1) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no
          && (i = 1, rc = m1(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
    (end, no, m0, m1, m2) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no
          && (i = 1, rc = m1(a, b)) === no
          && (i = 2, rc = m2(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no
          && (i = 1, rc = m1(a, b)) === no
          && (i = 2, rc = m2(a, b)) === no
          && (i = 3, rc = m3(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no
          && (i = 1, rc = m1(a, b)) === no
          && (i = 2, rc = m2(a, b)) === no
          && (i = 3, rc = m3(a, b)) === no
          && (i = 4, rc = m4(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b)) === no
          && (i = 1, rc = m1(a, b)) === no
          && (i = 2, rc = m2(a, b)) === no
          && (i = 3, rc = m3(a, b)) === no
          && (i = 4, rc = m4(a, b)) === no
          && (i = 5, rc = m5(a, b)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b)
    },
  ],
  [ // 3 arguments
    (end, no, m0) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
    (end, no, m0, m1) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no
          && (i = 1, rc = m1(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
    (end, no, m0, m1, m2) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no
          && (i = 1, rc = m1(a, b, c)) === no
          && (i = 2, rc = m2(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no
          && (i = 1, rc = m1(a, b, c)) === no
          && (i = 2, rc = m2(a, b, c)) === no
          && (i = 3, rc = m3(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no
          && (i = 1, rc = m1(a, b, c)) === no
          && (i = 2, rc = m2(a, b, c)) === no
          && (i = 3, rc = m3(a, b, c)) === no
          && (i = 4, rc = m4(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c)) === no
          && (i = 1, rc = m1(a, b, c)) === no
          && (i = 2, rc = m2(a, b, c)) === no
          && (i = 3, rc = m3(a, b, c)) === no
          && (i = 4, rc = m4(a, b, c)) === no
          && (i = 5, rc = m5(a, b, c)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c)
    },
  ],
  [ // 4 arguments
    (end, no, m0) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
    (end, no, m0, m1) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no
          && (i = 1, rc = m1(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
    (end, no, m0, m1, m2) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no
          && (i = 1, rc = m1(a, b, c, d)) === no
          && (i = 2, rc = m2(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no
          && (i = 1, rc = m1(a, b, c, d)) === no
          && (i = 2, rc = m2(a, b, c, d)) === no
          && (i = 3, rc = m3(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no
          && (i = 1, rc = m1(a, b, c, d)) === no
          && (i = 2, rc = m2(a, b, c, d)) === no
          && (i = 3, rc = m3(a, b, c, d)) === no
          && (i = 4, rc = m4(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d)) === no
          && (i = 1, rc = m1(a, b, c, d)) === no
          && (i = 2, rc = m2(a, b, c, d)) === no
          && (i = 3, rc = m3(a, b, c, d)) === no
          && (i = 4, rc = m4(a, b, c, d)) === no
          && (i = 5, rc = m5(a, b, c, d)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d)
    },
  ],
  [ // 5 arguments
    (end, no, m0) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
    (end, no, m0, m1) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no
          && (i = 1, rc = m1(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
    (end, no, m0, m1, m2) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no
          && (i = 1, rc = m1(a, b, c, d, e)) === no
          && (i = 2, rc = m2(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no
          && (i = 1, rc = m1(a, b, c, d, e)) === no
          && (i = 2, rc = m2(a, b, c, d, e)) === no
          && (i = 3, rc = m3(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no
          && (i = 1, rc = m1(a, b, c, d, e)) === no
          && (i = 2, rc = m2(a, b, c, d, e)) === no
          && (i = 3, rc = m3(a, b, c, d, e)) === no
          && (i = 4, rc = m4(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d, e) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e)) === no
          && (i = 1, rc = m1(a, b, c, d, e)) === no
          && (i = 2, rc = m2(a, b, c, d, e)) === no
          && (i = 3, rc = m3(a, b, c, d, e)) === no
          && (i = 4, rc = m4(a, b, c, d, e)) === no
          && (i = 5, rc = m5(a, b, c, d, e)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e)
    },
  ],
  [ // 6 arguments
    (end, no, m0) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
    (end, no, m0, m1) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no
          && (i = 1, rc = m1(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
    (end, no, m0, m1, m2) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no
          && (i = 1, rc = m1(a, b, c, d, e, f)) === no
          && (i = 2, rc = m2(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
    (end, no, m0, m1, m2, m3) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no
          && (i = 1, rc = m1(a, b, c, d, e, f)) === no
          && (i = 2, rc = m2(a, b, c, d, e, f)) === no
          && (i = 3, rc = m3(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
    (end, no, m0, m1, m2, m3, m4) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no
          && (i = 1, rc = m1(a, b, c, d, e, f)) === no
          && (i = 2, rc = m2(a, b, c, d, e, f)) === no
          && (i = 3, rc = m3(a, b, c, d, e, f)) === no
          && (i = 4, rc = m4(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
    (end, no, m0, m1, m2, m3, m4, m5) => function (this: Key, a, b, c, d, e, f) {
      let i = 0, rc
      try {
        if ((rc = m0(a, b, c, d, e, f)) === no
          && (i = 1, rc = m1(a, b, c, d, e, f)) === no
          && (i = 2, rc = m2(a, b, c, d, e, f)) === no
          && (i = 3, rc = m3(a, b, c, d, e, f)) === no
          && (i = 4, rc = m4(a, b, c, d, e, f)) === no
          && (i = 5, rc = m5(a, b, c, d, e, f)) === no) return no
      } catch (error) { i = ~i; rc = error }
      return end(this, i, rc, a, b, c, d, e, f)
    },
  ],
]

/** More members than have a literal: one loop, by number of arguments. */
export const ASK_MANY: readonly AskMany[] = [
  (end, no, members) => function (this: Key) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!()) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc)
  },
  (end, no, members) => function (this: Key, a) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a)
  },
  (end, no, members) => function (this: Key, a, b) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a, b)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a, b)
  },
  (end, no, members) => function (this: Key, a, b, c) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a, b, c)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a, b, c)
  },
  (end, no, members) => function (this: Key, a, b, c, d) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a, b, c, d)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a, b, c, d)
  },
  (end, no, members) => function (this: Key, a, b, c, d, e) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a, b, c, d, e)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a, b, c, d, e)
  },
  (end, no, members) => function (this: Key, a, b, c, d, e, f) {
    let i = 0, rc
    try {
      for (; i < members.length; i++) if ((rc = members[i]!(a, b, c, d, e, f)) !== no) break
      if (i === members.length) return no
    } catch (error) { i = ~i; rc = error }
    return end(this, i, rc, a, b, c, d, e, f)
  },
]
