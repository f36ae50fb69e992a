// Certificates for tests. Apart from the rest of this package: what makes them takes long to load.
import { webcrypto } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Wanted by what comes next.
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** In PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** The certificate of the authority. */
  readonly ca: string;
}

export interface IssueOptions {
  /** From now on; a day before now. */
  readonly from_ms?: number;
  /** From now on; in 30 days. */
  readonly to_ms?: number;
  /** What it may be used for; both a server and a client. */
  readonly usages?: readonly ('server' | 'client')[];
}

export interface Authority {
  /** Its own certificate, in PEM. */
  readonly cert: string;
  issue(dnsNames: readonly string[], options?: IssueOptions): Promise<Issued>;
}

export async function createAuthority(name = 'test authority'): Promise<Authority> {
  const keys = await generateKeys();
  const issuer = `CN=${name}`;
  const generate = (
    subject: string,
    publicKey: webcrypto.CryptoKey,
    extensions: Extension[],
    { from_ms, to_ms }: IssueOptions,
  ) =>
    X509CertificateGenerator.create({
      issuer,
      subject,
      publicKey,
      extensions,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() + (from_ms ?? -DAY_MS)),
      notAfter: new Date(Date.now() + (to_ms ?? 30 * DAY_MS)),
    });
  const isAuthority = new BasicConstraintsExtension(true, undefined, true);
  const cert = (await generate(issuer, keys.publicKey, [isAuthority], {})).toString('pem');
  return {
    cert,
    async issue(dnsNames, options = {}) {
      const { publicKey, privateKey } = await generateKeys();
      const purposes = { server: ExtendedKeyUsage.serverAuth, client: ExtendedKeyUsage.clientAuth };
      const extensions = [
        new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns', value }))),
        new ExtendedKeyUsageExtension((options.usages ?? ['server', 'client']).map((usage) => purposes[usage])),
      ];
      const issued = await generate('CN=test', publicKey, extensions, options);
      const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
      return { cert: issued.toString('pem'), key, ca: cert };
    },
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** A directory like that of a mounted Secret. */
export interface SecretDirectory {
  readonly path: string;
  /** Replaces all files at once, as the kubelet does: a link to their directory is moved. */
  replace(issued: Partial<Issued>): Promise<void>;
  /** Removes it. */
  close(): void;
}

/** Has tls.crt, tls.key and ca.crt; those that aren't given aren't there. In the system's temporary directory. */
export async function secretDirectory(issued: Partial<Issued>): Promise<SecretDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'assent-tls-'));
  const names = { cert: 'tls.crt', key: 'tls.key', ca: 'ca.crt' };
  let version = 0;
  const replace = async (files: Partial<Issued>) => {
    const next = `..version-${version++}`;
    await mkdir(join(path, next));
    for (const [part, name] of Object.entries(names)) {
      const content = files[part as keyof Issued];
      if (content !== undefined) await writeFile(join(path, next, name), content);
    }
    await symlink(next, join(path, '..new'));
    await rename(join(path, '..new'), join(path, '..data'));
  };
  await replace(issued);
  for (const name of Object.values(names)) await symlink(join('..data', name), join(path, name));
  return { path, replace, close: () => rmSync(path, { recursive: true }) };
}
