/** Lines of JSON that we write: one object each, no spaces, names in the order of the columns. */

/** A line from names and values that are JSON already, with its line end. */
export function jsonLine(names: readonly string[], values: readonly string[]): string {
  return `{${names.map((name, index) => `${JSON.stringify(name)}:${values[index]}`).join(',')}}\n`
}
