/** Tests of what can be done with a day begin with a small pipeline and a home in a temporary folder. No model is opened. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DayContext } from '../../days/dayContext.js'
import { loadPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings } from '../../engine/loader/settings.js'
import { temporaryFolder } from '../setup/temporaryFolder.js'

/** Call at the top of a test file. */
export function smallDay() {
  const folder = temporaryFolder()

  /** Writes the definition; `more` is spread over it. */
  async function define(more = '') {
    const home = folder.path('pipelines', 'churn')
    await mkdir(home, { recursive: true })
    await writeFile(
      join(home, 'pipeline.ts'),
      `import { binary, column, multiclass, regression } from 'daybreak'
       const base = {
         name: 'churn',
         input: { path: 'in_{date}.csv', format: 'csv', key: 'id', columns: { id: column.text(), x: column.number() } },
         features: { x: (row) => row.x },
         model: { file: 'model.onnx', version: '1', task: binary({ positive: 1, name: 'churn' }) },
       }
       export default { ...base, ${more} }`,
    )
    return await loadPipeline(folder.path('pipelines'), 'churn')
  }

  const context = (): DayContext => ({
    settings: readSettings({}, { home: folder.path('home'), pipelines: folder.path('pipelines') }),
    code: 'the code',
  })

  return { folder, define, context }
}
