/** Writes lines of JSON: one object each, without spaces, names in the order of the columns. */

/** Makes a line, with its line end. @param values JSON text of each value */
export function jsonLine(names: readonly string[], values: readonly string[]): string {
  return `{${names.map((name, index) => `${JSON.stringify(name)}:${values[index]}`).join(',')}}\n`
}
