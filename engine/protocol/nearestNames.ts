/** What did they mean? Finds the known names near to one that is not known, for "did you mean" in error messages. */
import leven from 'leven'

/** How many letters of a name may be inserted, left out or replaced. */
export type Nearness = (length: number) => number

/** Somebody mistyped a name. */
const MISTYPED: Nearness = (length) => (length <= 3 ? 1 : 2)

/** Two authors named one thing, such as who exported a model and who wrote its definition: a third of the letters may differ. */
export const OF_TWO_AUTHORS: Nearness = (length) => Math.max(1, Math.floor(length / 3))

/** Longer names are left alone: nobody typed them, and a comparison takes the product of both lengths. */
const LONGEST = 100

/** The known names near to `wanted` in any case, nearest first, equally near ones in the order of the alphabet. */
export function nearestNames(wanted: string, known: readonly string[], nearness = MISTYPED): readonly string[] {
  if (wanted.length > LONGEST) return []
  const limit = nearness(wanted.length)
  return known
    .map((name) => ({ name, edits: leven(wanted.toLowerCase(), name.toLowerCase(), { maxDistance: limit + 1 }) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

/** `; did you mean "churn"?`, or nothing when no known name is near. */
export function didYouMean(wanted: string, known: readonly string[], nearness = MISTYPED): string {
  const [nearest] = nearestNames(wanted, known, nearness)
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`
}
