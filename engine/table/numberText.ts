/** Writes float32 in as few digits as read back to the very same number: files get small, and nothing is lost. */

/** Nine significant digits tell every float32 from all others (IEEE 754). */
const FLOAT32_DIGITS = 9

/** Gives the number that has the shortest decimal text among those that read back to the same float32. @param value a float32 */
export function shortestFloat32(value: number): number {
  // Eight digits are enough for most values, so the search starts there and walks to fewer or more.
  let text = value.toPrecision(8)
  if (Math.fround(Number(text)) !== value) return Number(value.toPrecision(FLOAT32_DIGITS))
  for (let digits = 7; digits >= 1; digits -= 1) {
    const shorter = value.toPrecision(digits)
    if (Math.fround(Number(shorter)) !== value) break
    text = shorter
  }
  return Number(text)
}

/** Gives the text of that number, as JavaScript prints numbers. */
export const float32Text = (value: number): string => String(shortestFloat32(value))
