/**
 * Checks at run time all that the types of a definition say at compile time, and what types cannot say.
 * A definition need not have met a compiler. Its functions are not called.
 */
import type { AnyPipeline } from '../../definition/pipeline.js'
import { DaybreakError } from '../protocol/errors.js'
import { type DefinitionProblem, relationProblems } from './definitionRelations.js'
import { definitionSchema, quoted, sentence } from './definitionSchema.js'

/**
 * The value itself, now known to be a definition. `file` names where it comes from, for the message.
 * @throws {DaybreakError} DefinitionInvalid with every problem as `path: sentence`
 */
export function checkDefinition(value: unknown, file?: string): { definition: AnyPipeline } {
  const problems = isObject(value) ? [...shapeProblems(value), ...relationProblems(value)] : [notADefinition(value)]
  const details = [...new Set(problems.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)))]
  if (details.length > 0) {
    const problems = details.length === 1 ? 'a problem' : `${details.length} problems`
    throw new DaybreakError('DefinitionInvalid', `${file ?? 'The definition'} has ${problems}: ${details[0]}`, {
      details,
      ...(file === undefined ? {} : { place: { file } }),
    })
  }
  return { definition: value as AnyPipeline }
}

function shapeProblems(value: object): readonly DefinitionProblem[] {
  const issues = definitionSchema.safeParse(value, { error: sentence }).error?.issues ?? []
  // zod puts an object of no known kind at its `kind`; what is wrong is the object.
  return issues.map((issue) =>
    issue.code === 'invalid_union' && issue.discriminator !== undefined ? { ...issue, path: issue.path.slice(0, -1) } : issue,
  )
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

const notADefinition = (value: unknown): DefinitionProblem => ({
  path: [],
  message: `${quoted(value)} is not a definition; export default definePipeline({ … })`,
})
