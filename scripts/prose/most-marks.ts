/** How many marked sentences each part of the tree may have at most. A number only falls. */
export const mostMarks: Readonly<Record<string, number>> = {
  'packages/kernel': 60,
}
