import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FakeEdge, World } from './fake-edge.js';
import { eventually } from './support.js';

const LARGEST = 8 * 1024;
const RESOURCES = '../edge-node/src/main/resources/io/switchboard/edge';

const node = (...args: string[]): string => execFileSync(process.execPath, args, { encoding: 'utf8' });

before(() => {
  node('scripts/build.mjs', 'sdk');
});

test('the SDK is at most 8 kB, minified and compressed', () => {
  const size = gzipSync(readFileSync('dist/switchboard.js'), { level: 9 }).length;
  console.log(`# dist/switchboard.js: ${size} bytes of ${LARGEST}`);
  assert.ok(size <= LARGEST, `${size} bytes (expected: at most ${LARGEST})`);
});

test('it depends on nothing at run time', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>;
  assert.equal(dependencies ?? peerDependencies, undefined);
  assert.doesNotMatch(readFileSync('dist/switchboard.js', 'utf8'), /\bfrom\s*["']|\bimport\s*\(|\brequire\(/);
});

test('the lock file names no place to download from', () => {
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved"|https?:\/\/[^"]*\.tgz/);
});

test('npm pack carries the SDK, its types and the README, and nothing else', () => {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })) as {
    files: { path: string }[];
  }[];
  const paths = packed!.files.map(({ path }) => path).sort();
  const types = readdirSync('src').map((file) => `dist/${file.replace(/\.ts$/, '.d.ts')}`);
  assert.deepEqual(paths, ['README.md', 'dist/switchboard.js', 'dist/switchboard.js.map', ...types, 'package.json'].sort());
});

test('its types serve a strict TypeScript page', () => {
  mkdirSync('.cache', { recursive: true });
  writeFileSync(
    '.cache/page.ts',
    `import { Switchboard, type SwitchboardEvent } from 'switchboard-client';
     interface Worksheet { type: string; infos: string }
     const board = new Switchboard<Worksheet>('/ws', { token: async () => 't', onEvent: (event: SwitchboardEvent<Worksheet>) => { event.data.infos.trim(); } });
     board.publish({ type: 'seen' }).then((id: string) => id);
     // @ts-expect-error a state that does not exist
     board.state === 'sleeping';`,
  );
  writeFileSync(
    '.cache/tsconfig.json',
    JSON.stringify({
      compilerOptions: { noEmit: true, strict: true, exactOptionalPropertyTypes: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], types: [] },
      files: ['page.ts'],
    }),
  );
  node('node_modules/typescript/bin/tsc', '-p', '.cache');
  assert.doesNotMatch(readFileSync('dist/types.d.ts', 'utf8') + readFileSync('dist/switchboard.d.ts', 'utf8'), /[:<|=]\s*any\b/);
});

test('everything that a page may use is documented', () => {
  node('node_modules/typedoc/bin/typedoc', '--emit', 'none', '--treatWarningsAsErrors');
});

test("the edge node's committed files are what a fresh build gives", () => {
  const fresh = mkdtempSync(join(tmpdir(), 'desk-'));
  try {
    node('scripts/build.mjs', 'desk', fresh);
    for (const folder of ['desk', 'client']) {
      assert.deepEqual(readdirSync(join(RESOURCES, folder)).sort(), readdirSync(join(fresh, folder)).sort());
      for (const file of readdirSync(join(fresh, folder))) {
        const same = readFileSync(join(fresh, folder, file)).equals(readFileSync(join(RESOURCES, folder, file)));
        assert.ok(same, `${folder}/${file} is stale (expected: npm run build:desk was run)`);
      }
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

test('the README example runs', async () => {
  const example = /```js\n([^]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1];
  assert.ok(example, 'README.md has it');
  assert.ok(example.trim().split('\n').length <= 20, 'in 20 lines');
  mkdirSync('.cache', { recursive: true });
  writeFileSync('.cache/readme.mjs', example);
  const world = new World();
  const edge = await FakeEdge.start(world);
  world.send({ type: 'new_worksheet_to_deal', infos: '你有一条新工单待处理' });
  const run = spawn(process.execPath, ['.cache/readme.mjs', edge.url, 't']);
  let printed = '';
  run.stdout.on('data', (text: Buffer) => (printed += String(text)));
  run.stderr.on('data', (text: Buffer) => (printed += String(text)));
  try {
    await eventually('the worksheet', () => printed.includes('你有一条新工单待处理'));
    await eventually('acknowledged', () => world.acked.agent === 41);
    await eventually('told upstream', () => world.said.some(({ event }) => event === 'PUBLISH'));
  } catch (error) {
    throw new Error(`it printed: ${printed}`, { cause: error });
  } finally {
    run.kill();
    await edge.kill();
  }
});
