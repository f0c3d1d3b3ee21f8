import { describe, expect, test } from 'vitest'
import { featureNames, featureSpans } from './features.ts'
import { kernelProfile } from './profile.ts'
import type { KernelRelease } from './releases.ts'
import { between, from, isWithin, kernelReleases, until } from './releases.ts'

describe('spans', () => {
  test.each([
    [from('6.12'), '6.6', false], [from('6.12'), '6.12', true], [from('6.12'), '7.3', true],
    [until('6.12'), '5.10', true], [until('6.12'), '6.6', true], [until('6.12'), '6.12', false],
    [between('6.1', '6.12'), '5.15', false], [between('6.1', '6.12'), '6.6', true],
    [between('6.1', '6.12'), '6.12', false],
  ] as const)('%o holds %s: %s', (span, release, expected) => {
    expect(isWithin(span, release)).toBe(expected)
  })
})

describe('profiles', () => {
  test('6.12 is the default', () => {
    expect(kernelProfile()).toBe(kernelProfile('6.12'))
  })

  test.each([
    ['negationBounds', '6.12', false], ['negationBounds', '6.18', true], ['divisionBounds', '6.18', false],
    ['divisionBounds', '7.3', true], ['openCodedIterators', '6.1', false], ['openCodedIterators', '6.6', true],
  ] as const)('%s in %s: %s', (feature, release, expected) => {
    expect(kernelProfile(release).features[feature]).toBe(expected)
  })

  test.each([['5.10', 8], ['6.18', 8], ['7.3', 16]] as const)('frames in %s: %i', (release, frames) => {
    expect(kernelProfile(release).limits.frames).toBe(frames)
  })

  test('every feature changes within the releases', () => {
    const changes = (name: (typeof featureNames)[number]): boolean => {
      const held = kernelReleases.map((release: KernelRelease) => kernelProfile(release).features[name])
      return new Set(held).size === 2
    }
    expect(featureNames.filter((name) => !changes(name)), Object.keys(featureSpans).join(' ')).toEqual([])
  })
})
