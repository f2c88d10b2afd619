/** Runs a TypeScript module that stands beside a definition, such as a maker of sample data. Tools use it, a run never does. */
import { build } from './bundler.js'

/** Gives the exports of a module that imports nothing from `daybreak`. @throws an esbuild error when it does not compile */
export async function importSource(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfigRaw: {},
  })
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64')
  return await import(`data:text/javascript;base64,${code}`)
}
