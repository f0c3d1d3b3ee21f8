/**
 * The reference: one walk over the members of a hook, read anew at each call. A literal for each number of arguments;
 * hooks with equally many share it, as the classic LSM lists do. Written by scripts/generate-dispatch.ts.
 */
/* eslint-disable */
import type { HookFn } from '../hooks/hook-types.ts'
import { noteTold, settle } from '../dispatch/slot.ts'
import type { Slot } from '../dispatch/slot.ts'

type List = (slot: Slot) => HookFn

export const ASK_LIST: readonly List[] = [
  (slot) => () => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn()) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [])
  },
  (slot) => (a) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a])
  },
  (slot) => (a, b) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a, b)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a, b])
  },
  (slot) => (a, b, c) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a, b, c)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a, b, c])
  },
  (slot) => (a, b, c, d) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a, b, c, d)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a, b, c, d])
  },
  (slot) => (a, b, c, d, e) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a, b, c, d, e)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a, b, c, d, e])
  },
  (slot) => (a, b, c, d, e, f) => {
    const { chain, def: { default: no } } = slot
    let i = 0, rc
    try {
      for (; i < chain.length; i++) if ((rc = chain[i]!.fn(a, b, c, d, e, f)) !== no) break
      if (i === chain.length) return no
    } catch (error) { i = ~i; rc = error }
    return settle(slot, chain, i, rc, [a, b, c, d, e, f])
  },
]

export const TELL_LIST: readonly List[] = [
  (slot) => () => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn()) !== undefined) noteTold(slot, chain, i, v, [])
    } catch (error) { noteTold(slot, chain, ~i, error, []) }
  },
  (slot) => (a) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a)) !== undefined) noteTold(slot, chain, i, v, [a])
    } catch (error) { noteTold(slot, chain, ~i, error, [a]) }
  },
  (slot) => (a, b) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a, b)) !== undefined) noteTold(slot, chain, i, v, [a, b])
    } catch (error) { noteTold(slot, chain, ~i, error, [a, b]) }
  },
  (slot) => (a, b, c) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a, b, c)) !== undefined) noteTold(slot, chain, i, v, [a, b, c])
    } catch (error) { noteTold(slot, chain, ~i, error, [a, b, c]) }
  },
  (slot) => (a, b, c, d) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a, b, c, d)) !== undefined) noteTold(slot, chain, i, v, [a, b, c, d])
    } catch (error) { noteTold(slot, chain, ~i, error, [a, b, c, d]) }
  },
  (slot) => (a, b, c, d, e) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a, b, c, d, e)) !== undefined) noteTold(slot, chain, i, v, [a, b, c, d, e])
    } catch (error) { noteTold(slot, chain, ~i, error, [a, b, c, d, e]) }
  },
  (slot) => (a, b, c, d, e, f) => {
    const { chain } = slot
    let i = 0, v
    try {
      for (; i < chain.length; i++) if ((v = chain[i]!.fn(a, b, c, d, e, f)) !== undefined) noteTold(slot, chain, i, v, [a, b, c, d, e, f])
    } catch (error) { noteTold(slot, chain, ~i, error, [a, b, c, d, e, f]) }
  },
]
