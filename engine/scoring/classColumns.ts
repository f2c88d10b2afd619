/** Columns of the output that hold the probability of one class each, `probability.<class>`: which class of the model a column is about. */
import type { AnyPipeline } from '../../definition/pipeline.js'
import { classOf } from '../../definition/resultColumns.js'
import type { Label } from '../../definition/tasks.js'

/** The place of the class whose probability a column holds; -1: it holds none. */
export const classPlace = (classes: readonly Label[], column: string): number => classes.map(String).indexOf(classOf(column) ?? '')

/** Does any of these columns hold the probability of one class? */
export const haveClasses = (columns: readonly string[]): boolean => columns.some((name) => classOf(name) !== undefined)

/** What is wrong with columns of probabilities that name no class of the model. */
export function strangeClasses({ output, input }: Pick<AnyPipeline, 'output' | 'input'>, classes: readonly Label[]): readonly string[] {
  const asked = (output?.columns ?? []).filter((name) => classOf(name) !== undefined && !Object.hasOwn(input.columns, name))
  const known = classes.map((label) => JSON.stringify(`probability.${label}`)).join(', ')
  return asked
    .filter((name) => classPlace(classes, name) < 0)
    .map((name) => `The column ${JSON.stringify(name)} of the output is about none of the model's classes; there are ${known}.`)
}
