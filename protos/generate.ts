// Writes the TypeScript types of the contracts, and the contracts as one JSON document, which loads in a third of the time
// that parsing takes: `pnpm protos`, or into another folder: `node protos/generate.ts DIR`.
// The test beside this file fails when protos/generated is not what this writes.
import { execFileSync } from 'node:child_process';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
// Brings google/protobuf/*.proto along.
import '@grpc/proto-loader';
import protobuf from 'protobufjs';
import { loaderOptions } from './loader.ts';

const here = import.meta.dirname;

/** Writes the types and the JSON of every contract into `outDir`, which it empties first. */
export function generate(outDir: string): void {
  rmSync(outDir, { recursive: true, force: true });
  const files = globSync('assent/**/*.proto', { cwd: here }).sort();
  const { longs, enums, defaults, oneofs } = loaderOptions;
  execFileSync(
    join(here, 'node_modules/.bin/proto-loader-gen-types'),
    [
      `--longs=${longs.name}`,
      `--enums=${enums.name}`,
      ...(defaults ? ['--defaults'] : []),
      ...(oneofs ? ['--oneofs'] : []),
      // What a reader gets has every field and the plain name; what a writer gives may leave fields out.
      '--outputTemplate=%s',
      '--inputTemplate=%sInput',
      '--importFileExtension=.ts',
      '--grpcLib=@grpc/grpc-js',
      '--includeDirs=.',
      `--outDir=${outDir}`,
      ...files,
    ],
    { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  // One file per .proto with a type for the whole package, which nothing here needs.
  for (const file of globSync('*.ts', { cwd: outDir })) rmSync(join(outDir, file));
  writeFileSync(join(outDir, 'contracts.json'), `${JSON.stringify(parse())}\n`);
  // For reflection: what protobufjs writes as descriptors, tools such as grpcurl don't take.
  const descriptors = [
    'build',
    '--as-file-descriptor-set',
    '--exclude-source-info',
    '-o',
    join(outDir, 'descriptors.binpb'),
  ];
  execFileSync(join(here, 'node_modules/.bin/buf'), descriptors, { cwd: here });
}

function parse(): protobuf.INamespace {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(here, target);
  root.loadSync(globSync('{assent,google}/**/*.proto', { cwd: here }).sort());
  return root.toJSON();
}

if (import.meta.main) generate(resolve(process.argv[2] ?? join(here, 'generated')));
