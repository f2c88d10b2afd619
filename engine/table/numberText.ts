/** Numbers as text that reads back to the very same number, in as few digits as it takes. */

/** Most significant digits a float32 needs. */
const FLOAT32_DIGITS = 9

/** Shortest decimal text that reads back to the very float32, printed as JavaScript prints numbers. */
export function float32Text(value: number): string {
  // Eight digits are enough for most values, so the search starts there and walks to fewer or more.
  let text = value.toPrecision(8)
  if (Math.fround(Number(text)) !== value) return String(Number(value.toPrecision(FLOAT32_DIGITS)))
  for (let digits = 7; digits >= 1; digits -= 1) {
    const shorter = value.toPrecision(digits)
    if (Math.fround(Number(shorter)) !== value) break
    text = shorter
  }
  return String(Number(text))
}
