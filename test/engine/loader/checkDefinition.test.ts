import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkDefinition } from '../../../engine/loader/checkDefinition.js'
import { changed, detailsOf, soundDefinition } from './definitions.js'

test('a definition that uses every option passes and comes back as it was', () => {
  const definition = soundDefinition()
  expect(checkDefinition(definition).definition).toBe(definition)
})

test('optional parts may be left out or undefined', () => {
  const { name, input, features, model } = soundDefinition()
  const { path, format, key, columns } = input
  const { file, version, task, missing } = model
  const smallest = { name, input: { path, format, key, columns }, features, model: { file, version, task, missing } }
  expect(() => checkDefinition(smallest)).not.toThrow()
  expect(() => checkDefinition({ ...smallest, schedule: undefined, output: { columns: undefined } })).not.toThrow()
})

test('tells all problems at once, and only them', async () => {
  const value = changed('input.key', 'nobody') as { lateAfter: string; model: { version: unknown } }
  value.lateAfter = 'soon'
  value.model.version = 1
  expect(await detailsOf(value)).toEqual([
    'model.version: 1 is not a text',
    'lateAfter: "soon" is not a duration such as 30s, 5m, 2h or 1d',
    'input.key: "nobody" is not a column',
  ])
})

test.each([undefined, null, 5, 'churn', [], () => 1])('%j is no definition', async (value) => {
  expect((await detailsOf(value))[0]).toMatch(/is not a definition; export default definePipeline/)
})

test('whatever stands anywhere in a definition is accepted or refused, never a crash', async () => {
  const paths = [
    'name',
    'input',
    'input.columns',
    'input.columns.age',
    'input.columns.joined.min',
    'input.key',
    'features',
    'features.plan',
  ]
  paths.push(
    'features.plan.oneHot',
    'features.city.values',
    'model',
    'model.task',
    'model.task.kind',
    'model.task.positive',
    'model.inputs',
  )
  paths.push('model.inputs.numbers', 'output', 'output.columns', 'metrics', 'anomalies', 'schedule', 'schedule.cron', 'notify.failure')
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withSparseArray: true })
  fc.assert(
    fc.property(fc.constantFrom(...paths), anything, (path, value) => {
      try {
        checkDefinition(changed(path, value))
      } catch (error) {
        expect(error).toMatchObject({ code: 'DefinitionInvalid' })
      }
    }),
    { numRuns: 2000 },
  )
})
