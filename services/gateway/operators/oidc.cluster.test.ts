// Tokens of ServiceAccounts of a real cluster: the one that KUBECONFIG names, in a namespace of its own, which is removed afterwards.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@assent/telemetry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createVerify, type Verify } from './oidc.ts';

const { KUBECONFIG } = process.env;
const withCluster = KUBECONFIG ? describe : describe.skip;
const patience_ms = 120_000;
const namespace = `try-oidc-${randomBytes(4).toString('hex')}`;
const kubectl = (...parts: string[]) =>
  execFileSync('kubectl', parts, { encoding: 'utf8', timeout: patience_ms }).trim();

withCluster(`ServiceAccounts of a cluster${KUBECONFIG ? '' : ' (skipped: KUBECONFIG names no cluster)'}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'oidc-cluster-'));
  const lines: unknown[] = [];
  let options: Parameters<typeof createVerify>[0];
  let verify: Verify;

  const token = (account: string, ...parts: string[]) => kubectl('create', 'token', account, '-n', namespace, ...parts);

  beforeAll(() => {
    kubectl('create', 'namespace', namespace);
    for (const account of ['gateway', 'alice', 'mallory'])
      kubectl('create', 'serviceaccount', account, '-n', namespace);
    const { clusters } = JSON.parse(kubectl('config', 'view', '--raw', '--minify', '-o', 'json'));
    const { server, 'certificate-authority-data': inline, 'certificate-authority': path } = clusters[0].cluster;
    const [caFile, tokenFile] = [path ?? join(directory, 'ca.crt'), join(directory, 'token')];
    if (inline) writeFileSync(caFile, Buffer.from(inline, 'base64'));
    writeFileSync(tokenFile, token('gateway'));
    const { issuer } = JSON.parse(kubectl('get', '--raw', '/.well-known/openid-configuration'));
    options = {
      issuer,
      jwksUrl: `${server}/openid/v1/jwks`,
      caFile,
      tokenFile,
      audience: 'assent',
      claims: [{ name: 'sub', value: `system:serviceaccount:${namespace}:alice` }],
      nameClaim: 'sub',
      log: { warn: (...parts: unknown[]) => lines.push(parts) } as unknown as Logger,
    };
    verify = createVerify(options);
  }, patience_ms);

  afterAll(() => {
    rmSync(directory, { recursive: true });
    kubectl('delete', 'namespace', namespace, '--wait=false');
  }, patience_ms);

  test('are operators with a token for us', async () => {
    expect(await verify(token('alice', '--audience', 'assent'))).toBe(`system:serviceaccount:${namespace}:alice`);
    expect(lines).toEqual([]);
  });

  test('are refused with a token for the API server, and as somebody else', async () => {
    await expect(verify(token('alice'))).rejects.toMatchObject({ reason: 'TOKEN_AUDIENCE' });
    await expect(verify(token('mallory', '--audience', 'assent'))).rejects.toMatchObject({ reason: 'OPERATORS_ONLY' });
    const [head, body] = token('alice', '--audience', 'assent').split('.');
    const [, , signature] = token('mallory', '--audience', 'assent').split('.');
    await expect(verify(`${head}.${body}.${signature}`)).rejects.toMatchObject({ reason: 'TOKEN_INVALID' });
  });

  test('are nobody when the API server’s certificate is not known', async () => {
    const { caFile, ...rest } = options;
    const good = token('alice', '--audience', 'assent');
    expect(caFile).toBeDefined();
    await expect(createVerify(rest)(good)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(lines).toHaveLength(1);
  });
});
