/** Finds what somebody meant by a misspelt name, for "did you mean" in error messages. */

/** Edits (insert, delete, replace one character) that turn `a` into `b`. Source: Wagner and Fischer, 1974, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}

/** The known names at most two edits (one, for names of up to three characters) away from `wanted` in any case, nearest first. */
export function nearestNames(wanted: string, known: readonly string[]): readonly string[] {
  if (wanted.length > 100) return []
  const limit = wanted.length <= 3 ? 1 : 2
  return known
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

/** `; did you mean "churn"?`, or nothing when no known name is near. */
export function didYouMean(wanted: string, known: readonly string[]): string {
  const [nearest] = nearestNames(wanted, known)
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`
}
