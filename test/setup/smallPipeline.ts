/** Writes a small pipeline: a definition whose parts a test replaces, and its model. Two numbers of a row are its two features. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LoadedPipeline, loadPipeline } from '../../engine/loader/loadPipeline.js'
import type { ScoringSpec } from '../../engine/scoring/openScoring.js'

/** @param definition spread over the definition, which is `base` in it */
export async function writePipeline(
  pipelines: string,
  { name = 'small', definition = '', model }: { name?: string; definition?: string; model: Uint8Array },
): Promise<LoadedPipeline> {
  const home = join(pipelines, name)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'model.onnx'), model)
  await writeFile(
    join(home, 'pipeline.ts'),
    `import { binary, column, multiclass, regression } from 'daybreak'
     const base = {
       name: '${name}',
       input: { path: 'in_{date}.csv', format: 'csv', key: 'id', columns: { id: column.text(), x: column.number(), y: column.number() } },
       features: { x: (row) => row.x, y: (row) => row.y },
       model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
     }
     export default { ...base, ${definition} }`,
  )
  return await loadPipeline(pipelines, name)
}

/** What scores by it. */
export function specOf({ compiled, modelFile, modelVersion, preprocessingFiles }: LoadedPipeline): ScoringSpec {
  return { compiled, modelFile, modelVersion, preprocessingFiles }
}
