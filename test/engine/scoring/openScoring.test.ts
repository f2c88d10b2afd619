import { expect, onTestFinished, test } from 'vitest'
import { openScoring, type ScoringSpec } from '../../../engine/scoring/openScoring.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { specOf, writePipeline } from '../../setup/smallPipeline.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function spec(features: string): Promise<ScoringSpec> {
  const definition = `input: { path: 'in_{date}.csv', format: 'csv', columns: { x: column.number(), kind: column.category(['a', 'b']) } },
    features: { ${features} }, model: { ...base.model, task: regression() }`
  const model = linearRegressorModel({ coefficients: [1, 2], intercept: 0 })
  return specOf(await writePipeline(folder.path('pipelines'), { definition, model }))
}

test('a definition and its model are opened together, features in the order of the model', async () => {
  const opened = await openScoring(await spec("kind: { oneHot: 'kind' }"))
  onTestFinished(() => opened.model.close())
  expect(opened.features.map(({ name }) => name)).toEqual(['kind_a', 'kind_b'])
  expect(opened.batch.size).toBe(4096)
  for (const [feature, value] of [3, 4].entries()) opened.batch.set(0, feature, value)
  expect((await opened.batch.run()).score[0]).toBe(11)
})

test('a model that is not the one that was inspected is refused, and left as it is', async () => {
  const given = await spec('x: (row) => row.x, y: (row) => row.x')
  await expect(openScoring({ ...given, modelSha256: 'of another file' })).rejects.toMatchObject({
    code: 'DefinitionChanged',
    problem: { place: { file: given.modelFile } },
  })
  const { model } = await openScoring(given)
  await model.close()
  const again = await openScoring({ ...given, modelSha256: model.description.sha256 })
  await again.model.close()
  expect(again.model.description.sha256).toBe(model.description.sha256)
})

test('a model that does not fit its definition is refused before it is used', async () => {
  await expect(openScoring(await spec('x: (row) => row.x'))).rejects.toMatchObject({ code: 'ModelMismatch' })
})
