/** How often the race of hostfs-race.test.ts is tried. */
export const ROUNDS = 20_000
