// Holds the rules of the house: who may import whom, what a package declares, where the environment and SQL are.
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repository } from './config.ts';

interface Package {
  readonly name: string;
  /** Such as libs/rpc. */
  readonly path: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly files: readonly SourceFile[];
}

interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** As it is written: a package with or without a path in it, or a file. */
  readonly from: string;
  readonly typeOnly: boolean;
}

/** From whose packages a room may import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protos: [],
  libs: ['libs', 'protos'],
  services: ['libs', 'protos'],
  platform: ['libs', 'protos'],
};
/** These import no other packages of the workspace than these. */
const leaves: Readonly<Record<string, readonly string[]>> = {
  'libs/discovery': [],
  'libs/money': [],
  'libs/ports': [],
  'libs/postgres': ['libs/ports'],
  'libs/telemetry': [],
};
/** Tests of all packages may import them. */
const testRooms = ['libs/ports', 'libs/testing'];
/** The root declares these for all tests. */
const testTools = ['@jest/globals', 'fast-check'];

const packages = globSync(['protos', 'libs/*', 'services/*', 'platform'], { cwd: repository }).sort().map(readPackage);
const files = packages.flatMap((one) => one.files);

test('there is something to look at', () => {
  expect(packages.length).toBeGreaterThan(10);
  expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
});

describe.each(packages)('$path', (self) => {
  test('imports from the rooms below only, and by name', () => {
    const wrong = importsOf(self, ({ from }, file) => {
      if (from.startsWith('.')) return relative(self.path, join(dirname(file.path), from)).startsWith('..');
      const other = packages.find(({ name }) => name === packageName(from));
      if (!other || other === self || (isTest(file) && testRooms.includes(other.path))) return false;
      const few = leaves[self.path];
      return few ? !few.includes(other.path) : !allowed[room(self)]?.includes(room(other));
    });
    expect(wrong).toEqual([]);
  });

  test('declares what it imports', () => {
    const wrong = importsOf(self, ({ from, typeOnly }, file) => {
      const name = packageName(from);
      if (from.startsWith('.') || from.startsWith('node:') || name in self.dependencies) return false;
      const known = name in self.devDependencies || `@types/${name}` in self.devDependencies;
      return isTest(file) ? !known && !testTools.includes(name) : !(typeOnly && known);
    });
    expect(wrong).toEqual([]);
  });

  test('uses what it declares', () => {
    const used = (name: string) =>
      self.files.some(({ text, imports }) => {
        const imported = imports.some(({ from }) => packageName(from) === name.replace('@types/', ''));
        return imported || text.includes(`.bin/${basename(name)}`);
      });
    const declared = [...Object.keys(self.dependencies), ...Object.keys(self.devDependencies)];
    expect(declared.filter((name) => !used(name))).toEqual([]);
  });
});

test('only config.ts reads the environment', () => {
  const readers = files.filter(({ text }) => text.includes('process.env'));
  const wrong = readers.filter((file) => !isTest(file) && basename(file.path) !== 'config.ts');
  expect(paths(wrong)).toEqual([]);
});

test('SQL is in stores, the participant library and libs/postgres only', () => {
  const holders = files.filter(({ path, text }) => /^(services|libs)\//.test(path) && /\.query[<(]/.test(text));
  const wrong = holders.filter(
    (file) => !isTest(file) && !/store\.ts$|\/store\/|\/participant\/|^libs\/(postgres|testing)\//.test(file.path),
  );
  expect(paths(wrong)).toEqual([]);
});

test('files are named by what is in them', () => {
  expect(paths(files).filter((path) => /(^|[/.-])(utils?|common|shared|helpers?|misc)\b/.test(path))).toEqual([]);
});

test('the rules see what they are about', () => {
  expect(
    readImports(
      `import type { A } from 'a';\nexport { b } from "@b/c/d.ts";\nawait ${'import'}('e');\nimport './f.ts';`,
    ),
  ).toEqual([
    { from: 'a', typeOnly: true },
    { from: '@b/c/d.ts', typeOnly: false },
    { from: 'e', typeOnly: false },
    { from: './f.ts', typeOnly: false },
  ]);
});

function readPackage(path: string): Package {
  const {
    name,
    dependencies = {},
    devDependencies = {},
  } = JSON.parse(readFileSync(join(repository, path, 'package.json'), 'utf8'));
  const sources = globSync(`${path}/**/*.ts`, { cwd: repository, exclude: (entry) => entry === 'node_modules' });
  return { name, path, dependencies, devDependencies, files: sources.map(readSource) };
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(repository, path), 'utf8');
  return { path, text, imports: readImports(text) };
}

function readImports(text: string): Import[] {
  const found = text.matchAll(
    /^(?:import|export)( type)?(?: [^'"`;=()]+ from)? ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
  );
  return Array.from(found, ([, type, from, dynamic]) => ({
    from: from ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
}

/** Those imports that are wrong, each with its file. */
function importsOf(self: Package, isWrong: (one: Import, file: SourceFile) => boolean): string[] {
  return self.files.flatMap((file) =>
    file.imports.filter((one) => isWrong(one, file)).map(({ from }) => `${file.path} imports ${from}`),
  );
}

function packageName(from: string): string {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

function room({ path }: Package): string {
  return path.split('/')[0] ?? '';
}

/** Tests, and what only they use. */
function isTest({ path }: SourceFile): boolean {
  return /\.test\.ts$|\/testing(\/|\.ts$)/.test(path);
}

function paths(some: readonly SourceFile[]): string[] {
  return some.map(({ path }) => path);
}
