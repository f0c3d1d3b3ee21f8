/** The limits of a program in the toolbar; the link keeps changed ones. */
import type { GuestLimits } from '../kernel/protocol.ts'
import { oneOf } from './link-state.ts'

export const limitChoices = {
  time: {
    label: 'Time',
    unit: 1000,
    otherwise: '600',
    choices: [
      ['5', '5 s'],
      ['60', '1 min'],
      ['600', '10 min'],
    ],
  },
  memory: {
    label: 'Memory',
    unit: 1 << 20,
    otherwise: '256',
    choices: [
      ['64', '64 MiB'],
      ['256', '256 MiB'],
      ['1024', '1 GiB'],
    ],
  },
  output: {
    label: 'Output',
    unit: 1 << 20,
    otherwise: '16',
    choices: [
      ['1', '1 MiB'],
      ['16', '16 MiB'],
      ['256', '256 MiB'],
    ],
  },
} as const

export type Limit = keyof typeof limitChoices

/** As the toolbar shows it. */
export const limitOf = (name: Limit): string => {
  const { choices, otherwise } = limitChoices[name]
  return oneOf(name, choices.map(([value]) => value), otherwise)
}

export const limitsOf = (): GuestLimits => {
  const of = (name: Limit): number =>
    Number(limitOf(name)) * limitChoices[name].unit
  return { time: of('time'), memory: of('memory'), output: of('output') }
}
