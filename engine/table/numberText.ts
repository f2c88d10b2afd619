/** Numbers in as few digits as read back to the very same number. */

/** Most significant digits a float32 needs. */
const FLOAT32_DIGITS = 9

/** The number with the shortest decimal text among those that read back to the very float32. */
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

/** Its text, printed as JavaScript prints numbers. */
export const float32Text = (value: number): string => String(shortestFloat32(value))
