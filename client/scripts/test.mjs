// Bundles the TypeScript tests of a folder and runs them with Node's own test runner.
import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { here } from './build.mjs';

const [folder = 'test', ...only] = process.argv.slice(2);
const out = join(here, '.cache', folder);
const sources = (await readdir(join(here, folder)))
  .filter((file) => file.endsWith('.test.ts') && (only.length === 0 || only.some((name) => file.includes(name))))
  .map((file) => join(here, folder, file));

await rm(out, { recursive: true, force: true });
await build({
  entryPoints: sources,
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
  absWorkingDir: here,
});
const run = spawn(
  process.execPath,
  ['--enable-source-maps', '--test', `--test-concurrency=${folder === 'e2e' ? 1 : 2}`, `--test-timeout=${folder === 'e2e' ? 1_200_000 : 600_000}`, ...sources.map((file) => join(out, file.split('/').pop().replace(/\.ts$/, '.mjs')))],
  { cwd: here, stdio: 'inherit' },
);
run.on('exit', (code) => process.exit(code ?? 1));
