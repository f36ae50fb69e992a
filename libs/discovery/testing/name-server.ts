import { createSocket, type RemoteInfo } from 'node:dgram';

/** What a stand-in for a name server knows: of a name its addresses or its SRV records. */
export interface Records {
  readonly a?: readonly string[];
  /** Each of 16 bytes. */
  readonly aaaa?: readonly (readonly number[])[];
  readonly srv?: readonly { priority: number; name: string; port: number }[];
}

const TYPES = { 1: 'a', 28: 'aaaa', 33: 'srv' } as const;
const NAME_ERROR = 3;

/** Answers DNS queries over UDP on 127.0.0.1 (RFC 1035). */
export async function startNameServer() {
  const names = new Map<string, Records>();
  const asked: string[] = [];
  let silent = false;
  const socket = createSocket('udp4');

  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = question(query);
    asked.push(`${TYPES[type] ?? type} ${name}`);
    if (!silent) socket.send(answer(query.subarray(0, end), names.get(name), type), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${socket.address().port}`,
    names,
    asked,
    silence: (on: boolean) => {
      silent = on;
    },
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

function question(query: Buffer): { name: string; type: keyof typeof TYPES; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1) as keyof typeof TYPES, end: at + 5 };
}

function answer(query: Buffer, records: Records | undefined, type: keyof typeof TYPES): Buffer {
  const data = records ? datas(records)[TYPES[type]] : [];
  const header = Buffer.from(query);
  header.writeUInt16BE(0x8180 | (records ? 0 : NAME_ERROR), 2);
  header.writeUInt16BE(data.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, ...data.map((one) => Buffer.concat([recordHeader(type, one.length), one]))]);
}

function datas({ a = [], aaaa = [], srv = [] }: Records): Record<'a' | 'aaaa' | 'srv', Buffer[]> {
  return {
    a: a.map((address) => Buffer.from(address.split('.').map(Number))),
    aaaa: aaaa.map((address) => Buffer.from(address)),
    srv: srv.map(({ priority, name, port }) => Buffer.concat([words(priority, 0, port), encoded(name)])),
  };
}

// The name is that of the question; class IN; not to be remembered.
function recordHeader(type: number, length: number): Buffer {
  return words(0xc00c, type, 1, 0, 0, length);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function encoded(name: string): Buffer {
  return Buffer.concat([...name.split('.'), ''].map((label) => Buffer.from(`\0${label}`)).map(withLength));
}

function withLength(label: Buffer): Buffer {
  label[0] = label.length - 1;
  return label;
}
