/** Counts by name, whatever the names are: they come from files and definitions, and may be `constructor`. */

/** An object that inherits nothing: a name has no value until it is counted. */
export const newCounts = (): Record<string, number> => Object.create(null) as Record<string, number>
