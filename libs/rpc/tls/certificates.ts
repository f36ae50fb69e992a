// What the directory of a mounted Secret holds: tls.crt (with its chain), tls.key, and ca.crt.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { shakeHands } from './handshake.ts';

export interface Certificates {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Whose certificates are believed; several authorities while one replaces another. Undefined at the edge. */
  readonly ca: Buffer | undefined;
}

/** Reads what is there at one moment; throws when a file is missing. */
export async function readCertificates(directory: string, withAuthority: boolean): Promise<Certificates> {
  // The kubelet replaces all files at once by pointing this link elsewhere: they are read from one and the same version.
  const version = await realpath(join(directory, '..data')).catch(() => directory);
  const read = (name: string) =>
    readFile(join(version, name)).catch((error: NodeJS.ErrnoException) => {
      const all = withAuthority ? 'tls.crt, tls.key and ca.crt' : 'tls.crt and tls.key';
      throw new Error(`${join(directory, name)} can't be read (${error.code}): ${all} must be there`, { cause: error });
    });
  const [cert, key] = await Promise.all([read('tls.crt'), read('tls.key')]);
  return { cert, key, ca: withAuthority ? await read('ca.crt') : undefined };
}

export function isSame(one: Certificates, other: Certificates): boolean {
  const equal = (a: Buffer | undefined, b: Buffer | undefined) => a?.toString() === b?.toString();
  return equal(one.cert, other.cert) && equal(one.key, other.key) && equal(one.ca, other.ca);
}

/**
 * Throws, in words for whoever put them there, when others wouldn't believe them. With an authority that is tried by a
 * handshake with oneself: that of the caller and that of the called.
 * @param name the DNS name that the certificate must be for, if there is one
 */
export async function check(certificates: Certificates, directory: string, name?: string): Promise<void> {
  const { cert, key, ca } = certificates;
  const at = join(directory, 'tls.crt');
  const leaf = parse(cert, at);
  if (!leaf.checkPrivateKey(parseKey(key, join(directory, 'tls.key'))))
    throw new Error(`${at} isn't the certificate of the tls.key beside it: both must be replaced together`);
  const now_ms = Date.now();
  const { from_ms, to_ms } = validity(leaf);
  if (now_ms > to_ms) throw new Error(`${at} has expired at ${day(to_ms)}: renew it`);
  if (now_ms < from_ms) throw new Error(`${at} is not valid before ${day(from_ms)}: is the clock right?`);
  if (name !== undefined && !isFor(leaf, name))
    throw new Error(`${at} is for ${leaf.subjectAltName ?? 'no name'}, but must be for DNS:${name}`);
  if (ca === undefined || name === undefined) return;
  // OpenSSL skips what isn't one.
  parseAll(ca, join(directory, 'ca.crt'));
  await shakeHands({ cert, key, ca, name }).catch((error: Error) => {
    throw new Error(`${at} wouldn't be believed by who has the ca.crt beside it: ${error.message}`, { cause: error });
  });
}

/** Whether it is for exactly this DNS name. OpenSSL decides: names in a certificate may be made to look like several. */
export function isFor(certificate: X509Certificate, name: string): boolean {
  return certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined;
}

/** When a service's certificate begins and ends to be valid, and when the last of its authorities does. */
export function expiries({ cert, ca }: Certificates): {
  readonly leaf: Validity;
  readonly authority_ms: number | undefined;
} {
  const authorities = ca && parseAll(ca, 'ca.crt').map((one) => validity(one).to_ms);
  return { leaf: validity(parse(cert, 'tls.crt')), authority_ms: authorities && Math.max(...authorities) };
}

/** By the system's clock. */
export interface Validity {
  readonly from_ms: number;
  readonly to_ms: number;
}

function validity({ validFromDate, validToDate }: X509Certificate): Validity {
  return { from_ms: validFromDate.getTime(), to_ms: validToDate.getTime() };
}

export function day(time_ms: number): string {
  return new Date(time_ms).toISOString();
}

function parse(pem: Buffer, at: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error(`${at} has no certificate in PEM`, { cause: error });
  }
}

function parseAll(pem: Buffer, at: string): X509Certificate[] {
  const blocks = pem.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return (blocks ?? ['']).map((block) => parse(Buffer.from(block), at));
}

function parseKey(pem: Buffer, at: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says of it could tell something of the key.
    throw new Error(`${at} has no private key in PEM, or one with a passphrase`);
  }
}
