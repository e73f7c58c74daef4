// What `npm run build` and `npm run build:desk` do, and what the tests compare the committed desk with.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const here = dirname(dirname(fileURLToPath(import.meta.url)));
export const resources = join(here, '../edge-node/src/main/resources/io/switchboard/edge');

const bundled = {
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  absWorkingDir: here,
};

/** The SDK in one file. */
export async function buildBundle(file, sourcemap = false) {
  await build({ ...bundled, entryPoints: ['src/index.ts'], outfile: file, sourcemap });
}

/** The npm package's content: the SDK and its types. */
export async function buildSdk() {
  await rm(join(here, 'dist'), { recursive: true, force: true });
  await buildBundle(join(here, 'dist/switchboard.js'), true);
  execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.types.json'], {
    cwd: here,
    stdio: 'inherit',
  });
}

/** The edge node's static files: `desk/` and, for pages that take the SDK from the edge, `client/`. */
export async function buildDesk(into = resources) {
  const desk = join(into, 'desk');
  await rm(desk, { recursive: true, force: true });
  await mkdir(desk, { recursive: true });
  await build({ ...bundled, entryPoints: ['desk/desk.ts'], outfile: join(desk, 'desk.js') });
  await build({ ...bundled, entryPoints: ['desk/desk.css'], outfile: join(desk, 'desk.css') });
  for (const file of ['index.html', 'icon.svg']) {
    await cp(join(here, 'desk', file), join(desk, file));
  }
  await buildBundle(join(into, 'client/switchboard.js'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , what, into] = process.argv;
  await (what === 'desk' ? buildDesk(into) : buildSdk());
}
