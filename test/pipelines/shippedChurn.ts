/** Finds the shipped churn pipeline, and bundles its maker of sample days, because pipelines are not compiled. */
import { join } from 'node:path'
import { build } from 'esbuild'

/** The tests run in `dist/test/pipelines`; the pipelines stay where they are written. */
export const PIPELINES = join(import.meta.dirname, '../../../pipelines')

interface SampleDays {
  sampleDay(options: { date: string; rows?: number; kind?: string; seed?: number }): string
}

export async function importSampleDays(): Promise<SampleDays> {
  const { outputFiles } = await build({
    entryPoints: [join(PIPELINES, 'churn/sampleDays.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`)
}

/** The cells below the header. */
export function cellsOf(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
}
