import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** The contracts' files as google.protobuf.FileDescriptorProto, for reflection. */
export function fileDescriptors(): Buffer[] {
  // A FileDescriptorSet has one field, which repeats.
  const reader = protobuf.Reader.create(readFileSync(join(import.meta.dirname, 'generated/descriptors.binpb')));
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    files.push(Buffer.from(reader.bytes()));
  }
  return files;
}
