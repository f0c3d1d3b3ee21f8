/** Output of a player, session by session: a line `session NUMBER [MORE]`, then one for each step. */

/**
 * Lines by the session's number, `MORE` first where there is some. A session that ended a machine, by a crash of its
 * kernel, is short.
 */
export const answersOf = (lines: readonly string[]): ReadonlyMap<number, readonly string[]> => {
  const sessions = new Map<number, string[]>()
  let steps: string[] = []
  for (const line of lines) {
    const [, number, more] = /^session (\d+)(?: (.*))?/u.exec(line) ?? []
    if (number === undefined) steps.push(line)
    else sessions.set(Number(number), steps = more === undefined ? [] : [more])
  }
  return sessions
}
